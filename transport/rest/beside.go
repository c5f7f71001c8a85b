package rest

import "net/http"

// Guard sets the headers that keep browsers from doing more with an answer of the API than its client asked for. Who answers beside the API,
// or in its stead, sets them as well.
func Guard(h http.Header) {
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = nothingElse
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Cache-Control"] = noStore
}

// RefuseUpgrade answers, as the API answers, a request for a WebSocket that is none, or none that is let in. The status is 403 for its
// origin, 400 for what its headers lack, and anything else for what is our own fault, which is not told. It suits a websocket.Upgrader's Error.
func RefuseUpgrade(w http.ResponseWriter, r *http.Request, status int, reason error) {
	c := &call{ResponseWriter: w, r: r, id: RequestID(r)}
	setHeaders(c)
	switch status {
	case http.StatusForbidden:
		reason = errOriginNotAllowed
	case http.StatusBadRequest:
		c.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455, 4.4
		reason = &fault{reason: errInvalidHeader, detail: reason.Error()}
	}
	known := answerTo(reason)
	_ = c.encode(known.status, problemType, problemOf(c, known, reason))
}
