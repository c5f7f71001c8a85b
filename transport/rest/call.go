package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"onsale/command/identity"
)

// call is one request, its answer, and what is known of it on the way. It is the ResponseWriter that the router and the
// handlers get, so that nothing has to be looked up in a context.
type call struct {
	http.ResponseWriter
	r       *http.Request
	id      string // of the request
	started time.Time
	mount   string         // what came before the path of the route: "" or "/api"
	match   mux.RouteMatch // the path's variables
	path    string         // the route's template; "" when no route has this path
	command bool           // it changes a sale: its own errors say what became of it
	body    []byte         // borrowed until the handler returns
	caller  identity.Caller

	status int // 0: nothing written yet
	bytes  int64
	code   string // of the problem answered; "" for none
}

func (c *call) WriteHeader(status int) {
	if c.status == 0 && status >= http.StatusOK {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *call) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// pathID returns the {id} of the path.
func (c *call) pathID() (uuid.UUID, error) {
	id, ok := parseID(c.match.Vars["id"])
	if !ok {
		return id, &fault{reason: errInvalidID, fields: []FieldProblem{{Field: "id", Code: codeInvalid, Problem: mustBeID}}}
	}
	return id, nil
}

// parseID takes the one spelling of a UUID that this API gives out, in either case. The nil UUID is nobody's.
func parseID(s string) (uuid.UUID, bool) {
	if len(s) != 36 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil && id != uuid.Nil
}

// position tells the client up to where the log stood; zero is not known.
func (c *call) position(p int64) {
	if p > 0 {
		c.Header().Set("Onsale-Position", strconv.FormatInt(p, 10))
	}
}

// created answers 201 with where to find what was made.
func (c *call) created(path string, id uuid.UUID, body any) error {
	c.Header().Set("Location", c.mount+path+id.String())
	return c.json(http.StatusCreated, body)
}

func (c *call) noContent() error {
	c.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *call) json(status int, body any) error {
	return c.encode(status, jsonType, body)
}

var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
)

type encoder struct {
	buffer bytes.Buffer
	*json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.Encoder = json.NewEncoder(&e.buffer)
	e.SetEscapeHTML(false)
	return e
}}

// giveBack keeps the encoder for the next answer, unless this one was so large that few others need the room.
func (e *encoder) giveBack() {
	if e.buffer.Cap() <= maxBody {
		e.buffer.Reset()
		encoders.Put(e)
	}
}

// encode writes the answer. It fails before anything is written or not at all: a client that has gone is no error.
func (c *call) encode(status int, contentType []string, body any) error {
	e := encoders.Get().(*encoder)
	defer e.giveBack()
	if err := e.Encode(body); err != nil {
		return err
	}
	return c.raw(status, contentType, e.buffer.Bytes())
}

func (c *call) raw(status int, contentType []string, body []byte) error {
	h := c.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))} // a long body would be sent in chunks
	c.WriteHeader(status)
	_, _ = c.Write(body)
	return nil
}
