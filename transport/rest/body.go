package rest

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
)

// maxBody is the largest body taken, in bytes.
const maxBody = 64 << 10

// bodyBuffer is lent to one call at a time; what is decoded from it is copied out.
type bodyBuffer struct{ bytes.Buffer }

var bodies = sync.Pool{New: func() any { return new(bodyBuffer) }}

// readBody reads the whole body into buffer and lends it to the call. No body is an empty one.
func readBody(c *call, buffer *bodyBuffer) error {
	buffer.Reset()
	switch length := c.r.ContentLength; {
	case length == 0:
		return nil
	case length > maxBody:
		return errBodyTooLarge
	}
	if err := checkContentType(c.r.Header); err != nil {
		return err
	}
	_, err := buffer.ReadFrom(http.MaxBytesReader(c.ResponseWriter, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errBodyTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errRequestTimeout
	}
	if err != nil {
		return malformed("the body ended before its announced length")
	}
	c.body = buffer.Bytes()
	return nil
}

// checkContentType wants plain UTF-8 JSON. A form, which other sites can send in a user's name, is none.
func checkContentType(h http.Header) error {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return errNotJSON
	}
	contentType := h.Get("Content-Type")
	if contentType == "application/json" {
		return nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	if charset, given := params["charset"]; err != nil || media != "application/json" || given && !strings.EqualFold(charset, "utf-8") {
		return errNotJSON
	}
	return nil
}
