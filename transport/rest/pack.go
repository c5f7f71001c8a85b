package rest

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"
)

// packable is how many bytes are worth compressing: what is shorter goes in one packet as it is.
const packable = 1400

// A parcel is a body that many get: as it is, and compressed once the first one asks for that.
type parcel struct {
	plain []byte
	gzip  func() []byte
}

// pack keeps the body, which may not change any more.
func pack(body []byte) parcel {
	return parcel{plain: body, gzip: sync.OnceValue(func() []byte {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			panic(err) // only for a level that there is not
		}
		_, _ = w.Write(body) // a buffer takes everything
		_ = w.Close()
		return b.Bytes()
	})}
}

// deliver answers with JSON, compressed for a client that says it can read that. What it holds is for everybody to know: beside a secret,
// the length of what is compressed would tell of it.
func (c *call) deliver(status int, p parcel) error {
	if len(p.plain) < packable {
		return c.raw(status, jsonType, p.plain)
	}
	h := c.Header()
	h.Add("Vary", "Accept-Encoding")
	if !acceptsGzip(c.r.Header["Accept-Encoding"]) {
		return c.raw(status, jsonType, p.plain)
	}
	h["Content-Encoding"] = []string{"gzip"}
	return c.raw(status, jsonType, p.gzip())
}

// acceptsGzip tells whether the lines of an Accept-Encoding have gzip without a weight, as everybody asks for it who wants it. Whoever
// weighs gets what always will do.
func acceptsGzip(lines []string) bool {
	for _, line := range lines {
		for coding := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				return true
			}
		}
	}
	return false
}
