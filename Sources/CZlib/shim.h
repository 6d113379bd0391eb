// Makes zlib's gzip format two plain calls from bytes to bytes; zlib's own initialisers are macros.
#ifndef CHANGEOVER_CZLIB_SHIM_H
#define CHANGEOVER_CZLIB_SHIM_H

#include <string.h>
#include <zlib.h>

// Compresses into a buffer; the number of bytes written, or -1 when they do not fit.
static inline long changeover_gzip(
    const unsigned char *input, unsigned int inputBytes, unsigned char *output, unsigned int outputBytes) {
    z_stream stream;
    memset(&stream, 0, sizeof(stream));
    // A window of 32 KiB (15), and 16 more for gzip's own header and trailer; its time stays 0.
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) return -1;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = inputBytes;
    stream.next_out = output;
    stream.avail_out = outputBytes;
    int result = deflate(&stream, Z_FINISH);
    long written = (long)stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? written : -1;
}

// Decompresses one gzip member into a buffer; the number of bytes written, -1 for what is no gzip, -2 when they do not fit.
static inline long changeover_gunzip(
    const unsigned char *input, unsigned int inputBytes, unsigned char *output, unsigned int outputBytes) {
    z_stream stream;
    memset(&stream, 0, sizeof(stream));
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return -1;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = inputBytes;
    stream.next_out = output;
    stream.avail_out = outputBytes;
    int result = inflate(&stream, Z_FINISH);
    long written = (long)stream.total_out;
    int isFull = stream.avail_out == 0;
    inflateEnd(&stream);
    if (result == Z_STREAM_END) return written;
    return isFull ? -2 : -1;
}

#endif
