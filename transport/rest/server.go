package rest

import (
	"log/slog"
	"math"
	"net/http"
	"os"
	"runtime/debug"
	"time"
)

// How a program serves the API.
const (
	// AnswerTimeout is how long an answer may take, from when its request was read. A payment has to fit in.
	AnswerTimeout = 45 * time.Second
	// IdleTimeout is how long a connection is kept for the next request.
	IdleTimeout = 2 * time.Minute
)

// ballast is memory that nothing is ever written to, so that it takes none, and that the garbage collector counts as alive.
var ballast []byte //nolint:unused // it is of use by being there

const ballastSize = 192 << 20

// EaseCollection has garbage collected after the heap has grown by what is alive and 192 MB more, and not as soon as it has grown by
// what is alive: answering makes much garbage and keeps little, and a collection takes a core from those who wait. It is more than a
// percentage for that, which would have a large heap grow by twice or four times its size. GOMEMLIMIT is kept to, and who sets GOGC
// knows better.
//
// The trick is Twitch's: R. McDonald, "Go memory ballast: how I learnt to stop worrying and love the heap", 2019.
func EaseCollection() {
	if os.Getenv("GOGC") != "" {
		return
	}
	ballast = make([]byte, ballastSize)
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64-ballastSize {
		debug.SetMemoryLimit(limit + ballastSize) // for the limit counts it in
	}
}

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
