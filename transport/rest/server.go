package rest

import (
	"log/slog"
	"net/http"
	"time"
)

// How a program serves the API.
const (
	// AnswerTimeout is how long an answer may take, from when its request was read. A payment has to fit in.
	AnswerTimeout = 45 * time.Second
	// IdleTimeout is how long a connection is kept for the next request.
	IdleTimeout = 2 * time.Minute

	// HeapGrowth is by how much the heap should grow before garbage is collected, in percent of what is alive: for debug.SetGCPercent.
	// Answering makes much garbage and keeps little: collecting half as often as Go does by itself saves a tenth of the processor time.
	HeapGrowth = 200
)

// NewServer returns a server that waits for no client for ever, and reads no request that another server could read differently.
// It logs what is wrong with connections.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           endAfterChunks(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      AnswerTimeout,
		IdleTimeout:       IdleTimeout,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

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
