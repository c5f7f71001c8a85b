// Package live pushes ticket counts to browsers over WebSocket.
//
// A viewer's first frame is {"type":"auth","token":"…"}. It then subscribes to events, gets a snapshot of their counts, and
// after that the counts of every event that changes. What the hub promises:
//
//   - The newest count of an event reaches every viewer who watches it, whatever announcements were lost on the way: what
//     the log says has changed, and was not announced, is read again.
//   - Counts carry their sale's version. They may overtake each other on the way: a viewer drops what is not newer than
//     what it has.
//   - Changes of one event are merged, the newest wins: viewers are told of it in rounds, which begin no sooner than [Options].Interval
//     one after the other. Who is told late in a round is told what is the newest by then.
//   - A slow viewer never slows another. It misses counts that are not the newest, and is closed when it takes no frame
//     at all.
//   - A close code says whether to come back, see [Close].
//
// The idea of close codes in two ranges is centrifugal/centrifuge's.
package live

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"onsale/command/identity"
	"onsale/query"
)

// Accounts tells whose a token is.
type Accounts interface {
	Authenticate(accessToken string) (identity.Caller, error)
}

// Counts reads ticket counts; see [query.Reader].
type Counts interface {
	// Counts returns the counts of the given events, or of all when ids is nil.
	Counts(ctx context.Context, ids []uuid.UUID) ([]query.Counts, error)
	// Changed returns the events that changed after a position, and the position up to which that is all.
	Changed(ctx context.Context, after int64) (ids []uuid.UUID, through int64, err error)
}

// Options says how a [Hub] works. Accounts and Counts are needed.
type Options struct {
	Accounts Accounts
	Counts   Counts

	// CatchUp waits until Counts shows everything that this node has acknowledged, or until ctx ends. nil: it always does. Who subscribes
	// waits for it, and who is told of changes for a quarter of an Interval at most.
	CatchUp func(ctx context.Context) error
	// Origins are the web origins whose pages may connect, beside those of the same origin.
	Origins []string
	// Interval is the least time between two rounds of frames about one event; 0 means 100 ms. With more than some thousands of viewers
	// it is longer.
	Interval time.Duration
	// PollInterval is how soon a change is noticed that was not announced; 0 means 250 ms.
	PollInterval time.Duration
	// MaxViewers bounds the connections of this node, also those that have not said who they are, 0 means 20,000; MaxPerUser
	// those of one user, 0 means 20.
	MaxViewers, MaxPerUser int
	// MaxStrangers bounds the connections from one address that have not said who they are yet; 0 means 500. So nobody takes all the
	// places of a node from one machine without an account.
	MaxStrangers int
	// Address tells from which address a request came; nil: the peer's.
	Address func(*http.Request) string
	// Refuse answers a request that does not become a connection, of which nothing has been answered: see [websocket.Upgrader].Error. Nil:
	// plain text.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, reason error)
	// PingInterval is how often a viewer must show that it is there; 0 means 25 s.
	PingInterval time.Duration
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// Log gets one line when a connection ends, and hears of polls that failed, which are repeated; nil means slog.Default.
	Log *slog.Logger
	// Metrics is where counts of viewers and frames are registered; nil: nowhere.
	Metrics prometheus.Registerer
}

const (
	authTimeout  = 5 * time.Second  // for the first frame
	writeTimeout = 10 * time.Second // for a viewer to take a frame
	closeTimeout = time.Second      // for a viewer to answer a close frame
	queryTimeout = 5 * time.Second
	sendBuffer   = 128 << 10 // bytes of a connection that the kernel keeps
)

// A Hub is the http.Handler that viewers connect to.
type Hub struct {
	options  Options
	upgrader websocket.Upgrader
	metrics  *metrics

	mu       sync.Mutex
	closed   bool
	viewers  map[*viewer]struct{} // all, also those who have not said who they are
	perUser  map[uuid.UUID]int
	stranger map[string]int // by address: viewers who have not said who they are
	everyone audience       // those who watch all events
	topics   map[uuid.UUID]*topic
	changed  map[uuid.UUID]*topic // topics whose counts are to be read again
	unsent   map[uuid.UUID]*topic // topics of which not all viewers have been sent the newest frame
	through  int64                // up to this position of the log every change is in the topics; -1: nobody watches
	woken    chan struct{}        // holds a token when changed has something new
	pushed   chan struct{}        // holds a token when unsent has
	hurried  time.Time            // when the tables were last hurried; for one goroutine
	life     context.Context      // ends when Close is called
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// A topic is an event that somebody watches.
type topic struct {
	counts  query.Counts
	doubted bool      // the database may have been restored to an older state since counts were read: lower versions count
	read    time.Time // when counts were last asked for
	viewers audience
	round
}

// NewHub starts a hub; Close stops it.
func NewHub(o Options) *Hub {
	o = o.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		options:  o,
		viewers:  make(map[*viewer]struct{}),
		perUser:  make(map[uuid.UUID]int),
		stranger: make(map[string]int),
		topics:   make(map[uuid.UUID]*topic),
		changed:  make(map[uuid.UUID]*topic),
		unsent:   make(map[uuid.UUID]*topic),
		through:  -1,
		woken:    make(chan struct{}, 1),
		pushed:   make(chan struct{}, 1),
		life:     ctx,
		stop:     stop,
	}
	h.metrics = newMetrics(o.Metrics, h)
	h.upgrader = websocket.Upgrader{
		ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{},
		HandshakeTimeout: authTimeout, CheckOrigin: allowed(o.Origins), Error: o.Refuse,
	}
	h.running.Go(func() { h.look(ctx) })
	h.running.Go(func() { h.push(ctx) })
	h.running.Go(func() { h.poll(ctx) })
	h.running.Go(func() { h.tend(ctx) })
	return h
}

func (o Options) withDefaults() Options {
	o.Interval = cmp.Or(o.Interval, 100*time.Millisecond)
	o.PollInterval = cmp.Or(o.PollInterval, 250*time.Millisecond)
	o.PingInterval = cmp.Or(o.PingInterval, 25*time.Second)
	o.MaxViewers = cmp.Or(o.MaxViewers, 20_000)
	o.MaxPerUser = cmp.Or(o.MaxPerUser, 20)
	o.MaxStrangers = cmp.Or(o.MaxStrangers, 500)
	if o.Address == nil {
		o.Address = peerAddress
	}
	if o.CatchUp == nil {
		o.CatchUp = func(context.Context) error { return nil }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Close tells all viewers to come back later, to another node perhaps, and waits until they are gone: a second for
// those who do not answer. It may be called twice.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for v := range h.viewers {
		v.close(CloseGoingAway)
	}
	h.mu.Unlock()
	h.stop()
	h.running.Wait()
}

// Viewers is how many connections there are.
func (h *Hub) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.viewers)
}
