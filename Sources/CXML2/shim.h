// Makes libxml2's push parser with callbacks only: it builds no tree, loads nothing and prints nothing.
#ifndef CHANGEOVER_CXML2_SHIM_H
#define CHANGEOVER_CXML2_SHIM_H

#include <libxml/xmlversion.h>
// Debian's libxml2 brings ICU's headers along, whose types clash with those of Foundation's own ICU. Without them only
// the end of a structure that is not used here (xmlCharEncodingHandler) looks different.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <string.h>

static inline xmlParserCtxtPtr changeover_xml_create(
    void *user, startElementNsSAX2Func start, endElementNsSAX2Func end, charactersSAXFunc text,
    internalSubsetSAXFunc doctype) {
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof(handler));
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = start;
    handler.endElementNs = end;
    handler.characters = text;
    // Given the same function, libxml2 does not try to tell white space that matters from white space that does not.
    handler.ignorableWhitespace = text;
    handler.internalSubset = doctype;
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, user, NULL, 0, NULL);
    if (context != NULL) xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    return context;
}

static inline int changeover_xml_is_well_formed(xmlParserCtxtPtr context) { return context->wellFormed; }

static inline void changeover_xml_free(xmlParserCtxtPtr context) {
    // Nothing of ours builds a document, but an encoding declaration may make libxml2 keep one.
    if (context->myDoc != NULL) xmlFreeDoc(context->myDoc);
    context->myDoc = NULL;
    xmlFreeParserCtxt(context);
}

#endif
