import CCurl

extension EasyHandle {
    /// Makes libcurl's own timeouts end after the driver's, which come first wherever the driver can tell.
    ///
    /// libcurl must know them nevertheless: it divides the connect timeout among a host's addresses.
    private static let timeoutMargin = Duration.milliseconds(250)

    /// Sets what every transfer has in common.
    func configureConnection(
        connectTimeout: Duration,
        totalTimeout: Duration,
        unixSocketPath: String?,
        usesEnvironmentProxy: Bool
    ) throws(TransportError) {
        try set(CURLOPT_NOSIGNAL, true)
        try set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
        try set(CURLOPT_REDIR_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
        // An empty name, unlike none, keeps libcurl from asking the environment.
        if !usesEnvironmentProxy { try set(CURLOPT_PROXY, "") }
        try set(CURLOPT_UNIX_SOCKET_PATH, unixSocketPath)
        try set(CURLOPT_CONNECTTIMEOUT_MS, (connectTimeout + Self.timeoutMargin).wholeMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, (totalTimeout + Self.timeoutMargin).wholeMilliseconds)
    }

    /// Keeps libcurl's timeouts from ending a transfer that was given up during its name lookup.
    ///
    /// libcurl ends such a transfer by waiting for the lookup, which would stop the driver.
    func liftTimeouts() {
        changeover_curl_set_long(raw, CURLOPT_CONNECTTIMEOUT_MS, Duration.seconds(86_400).wholeMilliseconds)
        changeover_curl_set_long(raw, CURLOPT_TIMEOUT_MS, 0)
    }

    /// Sets up an HTTP request.
    func configure(_ plan: HTTPPlan, usesEnvironmentProxy: Bool) throws(TransportError) {
        let options = plan.request.options
        try configureConnection(
            connectTimeout: options.connectTimeout,
            totalTimeout: options.totalTimeout,
            unixSocketPath: options.unixSocketPath,
            usesEnvironmentProxy: usesEnvironmentProxy
        )
        try set(CURLOPT_URL, plan.request.url)
        // Dot segments are part of what is signed: the path is sent as written.
        try set(CURLOPT_PATH_AS_IS, true)
        try set(CURLOPT_HTTPHEADER, list: plan.headerLines)
        if let connectTo = plan.connectTo { try set(CURLOPT_CONNECT_TO, list: [connectTo]) }
        if let limit = options.lowSpeedLimit {
            try set(CURLOPT_LOW_SPEED_LIMIT, limit.bytesPerSecond)
            try set(CURLOPT_LOW_SPEED_TIME, (limit.period.wholeMilliseconds + 999) / 1_000)
        }
        if options.followRedirects > 0 {
            try set(CURLOPT_FOLLOWLOCATION, true)
            try set(CURLOPT_MAXREDIRS, options.followRedirects)
        }
        let reuses = options.reuseConnection && !(plan.isClearHTTP2 && CurlGlobal.breaksPriorKnowledgeOnReuse)
        if !reuses || options.tls.captureCertificates { try set(CURLOPT_FRESH_CONNECT, true) }
        if !reuses { try set(CURLOPT_FORBID_REUSE, true) }
        // Rather wait for a connection that is being made than make another.
        try set(CURLOPT_PIPEWAIT, options.version.isMultiplexed && reuses)
        try configureMethod(plan)
        try configureVersion(options.version)
        if plan.url.scheme == "https" || options.followRedirects > 0 {
            try configureTLS(options.tls, mayResumeSession: options.reuseConnection)
        }
    }

    /// Sets up a connection without a protocol.
    func configure(_ plan: RawPlan) throws(TransportError) {
        try configureConnection(
            connectTimeout: plan.exchange.connectTimeout,
            totalTimeout: plan.exchange.totalTimeout,
            unixSocketPath: plan.unixSocketPath,
            usesEnvironmentProxy: false
        )
        try set(CURLOPT_URL, plan.url)
        if let connectTo = plan.connectTo { try set(CURLOPT_CONNECT_TO, list: [connectTo]) }
        try set(CURLOPT_CONNECT_ONLY, true)
        try set(CURLOPT_FRESH_CONNECT, true)
        if let security = plan.exchange.security {
            // The server need not be one for the web.
            try set(CURLOPT_SSL_ENABLE_ALPN, false)
            try configureTLS(security.options, mayResumeSession: false)
        }
    }

    /// Sets up a connection for a web socket, on which this side speaks HTTP/1.1 by itself.
    ///
    /// libcurl's own web sockets are experimental before 8.11: https://curl.se/docs/websocket.html.
    func configure(_ plan: WebSocketPlan) throws(TransportError) {
        let options = plan.http.request.options
        try configureConnection(
            connectTimeout: options.connectTimeout,
            totalTimeout: options.totalTimeout,
            unixSocketPath: options.unixSocketPath,
            usesEnvironmentProxy: false
        )
        try set(CURLOPT_URL, plan.http.request.url)
        if let connectTo = plan.http.connectTo { try set(CURLOPT_CONNECT_TO, list: [connectTo]) }
        try set(CURLOPT_CONNECT_ONLY, true)
        try set(CURLOPT_FRESH_CONNECT, true)
        // An idle web socket must notice that its peer has gone without a word.
        try set(CURLOPT_TCP_KEEPALIVE, true)
        try set(CURLOPT_TCP_KEEPIDLE, 30)
        try set(CURLOPT_TCP_KEEPINTVL, 10)
        // Otherwise TLS would offer HTTP/2.
        try configureVersion(.http1)
        if plan.http.url.scheme == "https" { try configureTLS(options.tls, mayResumeSession: options.reuseConnection) }
    }

    private func configureMethod(_ plan: HTTPPlan) throws(TransportError) {
        let method = plan.request.method
        if let body = plan.body {
            try setBody(body)
            if method != "POST" { try set(CURLOPT_CUSTOMREQUEST, method) }
        } else if method == "HEAD" {
            try set(CURLOPT_NOBODY, true)
        } else {
            try set(CURLOPT_HTTPGET, true)
            if method != "GET" { try set(CURLOPT_CUSTOMREQUEST, method) }
        }
    }

    private func configureVersion(_ version: HTTPVersionPreference) throws(TransportError) {
        switch version {
        case .automatic, .http2: try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        case .http1: try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        case .http2PriorKnowledge:
            try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
        }
    }

    private func configureTLS(_ tls: TLSOptions, mayResumeSession: Bool) throws(TransportError) {
        try set(CURLOPT_SSL_VERIFYPEER, tls.verifiesServer)
        try set(CURLOPT_SSL_VERIFYHOST, tls.verifiesServer ? 2 : 0)
        if let file = tls.caFile {
            try set(CURLOPT_CAINFO, file)
            // Without this, the system's directory of authorities would be trusted besides.
            try set(CURLOPT_CAPATH, nil as String?)
        }
        if let file = tls.clientCertificateFile { try set(CURLOPT_SSLCERT, file) }
        if let file = tls.clientKeyFile { try set(CURLOPT_SSLKEY, file) }
        switch tls.minimumVersion {
        case .tls12: try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        case .tls13: try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_3))
        }
        // A resumed session neither sends the certificates nor verifies them again.
        if tls.captureCertificates || !mayResumeSession { try set(CURLOPT_SSL_SESSIONID_CACHE, false) }
        if tls.captureCertificates { try set(CURLOPT_CERTINFO, true) }
    }
}

extension Duration {
    /// Holds the milliseconds, rounded up.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
