import Foundation
import Testing

/// Real servers on loopback for the probes, which end with the handle.
///
/// TLS by Python's `ssl` with certificates made by `openssl`, DNS by dnsmasq, and a stub of Prometheus.
final class RealProbeServers: Sendable {
    /// Ports by the server's name; without `dns` when there is no dnsmasq.
    let ports: [String: Int]
    /// Where the certificates are.
    let folder: String
    private let process: Guarded<Process>

    private struct Ready: Decodable {
        var ports: [String: Int]
        var folder: String
    }

    init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        // The servers end when this pipe closes, even if this process is killed.
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            line += data
        }
        let ready = try JSONDecoder().decode(Ready.self, from: line)
        ports = ready.ports
        folder = ready.folder
        self.process = Guarded(process)
    }

    /// Closes the pipe, which lets the script end its children, and waits.
    deinit {
        process.with {
            try? ($0.standardInput as? Pipe)?.fileHandleForWriting.close()
            $0.waitUntilExit()
        }
    }

    private static let script = #"""
        import http.server, json, os, shutil, socket, ssl, subprocess, sys, tempfile, threading, time
        folder = tempfile.mkdtemp(prefix="changeover-probes-")
        path = lambda name: os.path.join(folder, name)
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True)
        def key(name):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path(name + ".key"))
        def authority(name):
            key(name)
            openssl("req", "-x509", "-new", "-key", path(name + ".key"), "-subj", "/CN=" + name, "-days", "90",
                    "-addext", "keyUsage=critical,keyCertSign", "-out", path(name + ".pem"))
        def certificate(name, names, days, issuer="authority"):
            key(name)
            with open(path(name + ".ext"), "w") as file: file.write("subjectAltName=" + names + "\n")
            openssl("req", "-new", "-key", path(name + ".key"), "-subj", "/CN=" + name, "-out", path(name + ".csr"))
            openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path(issuer + ".pem"),
                    "-CAkey", path(issuer + ".key"), "-days", str(days), "-extfile", path(name + ".ext"),
                    "-out", path(name + ".pem"))
        here = "DNS:web.test,DNS:*.wild.test,IP:127.0.0.1"
        authority("authority"); authority("selfsigned")
        certificate("good", here, 60); certificate("expired", here, -1); certificate("soon", here, 1)
        certificate("elsewhere", "DNS:elsewhere.test", 60)
        ports = {}
        def serve_tls(name, pem, newest=None):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path(pem + ".pem"), path(pem + ".key"))
            if newest: context.maximum_version = newest
            listener = socket.create_server(("127.0.0.1", 0), backlog=64)
            ports[name] = listener.getsockname()[1]
            def handle(connection):
                try:
                    with context.wrap_socket(connection, server_side=True) as secured: secured.recv(1)
                except OSError: pass
            def accept():
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()
            threading.Thread(target=accept, daemon=True).start()
        for name in ["good", "expired", "soon", "elsewhere", "selfsigned"]: serve_tls(name, name)
        serve_tls("old", "good", ssl.TLSVersion.TLSv1_2)
        silent = socket.create_server(("127.0.0.1", 0)); ports["silent"] = silent.getsockname()[1]
        class Prometheus(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                from urllib.parse import urlparse, parse_qs
                query = parse_qs(urlparse(self.path).query).get("query", [""])[0]
                vector = lambda *values: {"resultType": "vector", "result": [
                    {"metric": {"q": query}, "value": [time.time(), value]} for value in values]}
                data = {"one": vector("1"), "none": vector(), "nan": vector("NaN"), "two": vector("1", "2"),
                        "scalar": {"resultType": "scalar", "result": [time.time(), "1"]}}.get(query)
                body = {"status": "success", "data": data} if data else {
                    "status": "error", "errorType": "bad_data", "error": "unknown query"}
                body = json.dumps(body).encode()
                self.send_response(200 if data else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        prometheus = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
        ports["prometheus"] = prometheus.server_port
        threading.Thread(target=prometheus.serve_forever, daemon=True).start()
        def free_port():
            for _ in range(100):
                with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
                    port = tcp.getsockname()[1]
                    try: udp.bind(("127.0.0.1", port))
                    except OSError: continue
                    return port
            sys.exit("no port")
        dnsmasq = shutil.which("dnsmasq", path=os.environ.get("PATH", "") + ":/usr/sbin")
        child = None
        if dnsmasq:
            ports["dns"] = free_port()
            child = subprocess.Popen([
                dnsmasq, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
                "--listen-address=127.0.0.1", "--port=%d" % ports["dns"], "--pid-file=", "--user=", "--log-facility=-",
                "--host-record=web.test,192.0.2.1,2001:db8::1", "--cname=www.test,web.test",
                "--host-record=mail.test,192.0.2.2", "--mx-host=test,mail.test,10", "--srv-host=_sip._udp.test,mail.test,5060,1,2",
                "--ptr-record=9.2.0.192.in-addr.arpa,web.test", "--txt-record=short.test,one,two", "--local=/test/",
                *["--txt-record=long.test,%s" % (str(number) * 200) for number in range(9)],
            ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            for _ in range(200):
                try: socket.create_connection(("127.0.0.1", ports["dns"]), 1).close(); break
                except OSError: time.sleep(0.02)
        print(json.dumps({"ports": ports, "folder": folder}), flush=True)
        sys.stdin.read()
        if child: child.kill(); child.wait()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
        """#
}
