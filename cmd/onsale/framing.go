package main

import "net/http"

// endAfterChunks closes the connection after a request whose body came in chunks. Such a request may have had a Content-Length too,
// which net/http passes over without a word: a proxy in front of us that went by the length has taken for its body what we would take
// for the next request. RFC 9112, 6.1, wants the connection closed then. No browser sends chunks over HTTP/1.1.
func endAfterChunks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
