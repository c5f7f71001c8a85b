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
)

// NewServer returns a server that waits for no client for ever, and reads no request that another server could read differently.
// It logs what is wrong with connections.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           endWhatIsUnclear(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      AnswerTimeout,
		IdleTimeout:       IdleTimeout,
		MaxHeaderBytes:    32 << 10, // net/http lets 4 kB more through
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // it would answer OPTIONS * past the handler, and leave the connection open
	}
}

// endWhatIsUnclear closes the connection after a request whose length another server could read differently, so that nothing behind it is
// taken for the next request. Those are the ones whose body came in chunks: they may have had a Content-Length too, which net/http passes over
// without a word, and RFC 9112, 6.1, wants the connection closed then. No browser sends chunks over HTTP/1.1. And those of HTTP/1.0, where
// net/http passes over a Transfer-Encoding: 6.1 wants those closed as well, and who speaks it seldom wants more than one answer.
func endWhatIsUnclear(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
