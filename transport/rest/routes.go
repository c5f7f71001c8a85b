package rest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"onsale/query"
)

// route is one call of the API.
type route struct {
	method, path string
	handle       func(*api, *call) error
	access       access
	limit        limit
	reads        []string // the views it answers from, which have to be fresh
	uncapped     bool     // answered even when every slot is taken
}

type access uint8

const (
	needsToken access = iota
	open
)

type limit uint8

const (
	unlimited limit = iota
	perAddress
	perUser
)

// What reads need to be fresh. Each names only what it shows: a view that has come to a halt holds up no other.
var (
	listings  = []string{query.ListingsView}
	holdings  = []string{query.ListingsView, query.BookingsView}
	timelines = []string{query.ListingsView, query.SalesTimelineView}
)

// routes is the whole API. The router tries paths in this order, so that the one that counts comes first.
var routes = []route{
	{method: http.MethodPost, path: "/book", handle: (*api).book, limit: perUser},
	{method: http.MethodGet, path: "/holds", handle: (*api).listHolds, reads: holdings},
	{method: http.MethodPost, path: "/holds", handle: (*api).hold, limit: perUser},
	{method: http.MethodPost, path: "/holds/{id}/confirm", handle: (*api).confirmHold, limit: perUser},
	{method: http.MethodDelete, path: "/holds/{id}", handle: (*api).releaseHold, limit: perUser},

	{method: http.MethodGet, path: "/events", handle: (*api).listEvents, reads: listings},
	{method: http.MethodPost, path: "/events", handle: (*api).createEvent, limit: perUser},
	{method: http.MethodPost, path: "/events/create", handle: (*api).createEvent, limit: perUser},
	{method: http.MethodGet, path: "/events/{id}", handle: (*api).getEvent, reads: listings},
	{method: http.MethodGet, path: "/events/{id}/bookings", handle: (*api).listEventBookings, reads: holdings},
	{method: http.MethodGet, path: "/events/{id}/sales", handle: (*api).eventSales, reads: timelines},
	{method: http.MethodGet, path: "/events/{id}/history", handle: (*api).eventHistory, reads: listings},

	{method: http.MethodGet, path: "/bookings", handle: (*api).listBookings, reads: holdings},
	{method: http.MethodGet, path: "/bookings/{id}", handle: (*api).getBooking, reads: holdings},
	{method: http.MethodDelete, path: "/bookings/{id}", handle: (*api).cancelBooking, limit: perUser},

	{method: http.MethodPost, path: "/auth/register", handle: (*api).register, access: open, limit: perAddress},
	{method: http.MethodPost, path: "/auth/login", handle: (*api).logIn, access: open, limit: perAddress},
	{method: http.MethodPost, path: "/auth/refresh", handle: (*api).refresh, access: open, limit: perAddress},
	{method: http.MethodPost, path: "/auth/logout", handle: (*api).logOut, access: open, limit: perAddress},
	{method: http.MethodGet, path: "/auth/me", handle: (*api).me},

	{method: http.MethodGet, path: "/healthz", handle: (*api).health, access: open, uncapped: true},
	{method: http.MethodGet, path: "/readyz", handle: (*api).readiness, access: open, uncapped: true},
	{method: http.MethodGet, path: "/openapi.json", handle: (*api).contract, access: open, uncapped: true},
	{method: http.MethodGet, path: "/docs", handle: (*api).docsPage, access: open, uncapped: true},
	{method: http.MethodGet, path: "/docs/{asset}", handle: (*api).docsAsset, access: open, uncapped: true},
}

// resource is what one path stands for. GET answers HEAD too, and every resource answers OPTIONS.
type resource struct {
	api     *api
	path    string
	methods map[string]*route
	allow   string
}

// newRouter gives each path to mux once; the methods are looked up here, so that a wrong one can be told the right ones.
func newRouter(a *api) *mux.Router {
	router := mux.NewRouter()
	resources := make(map[string]*resource)
	for i := range routes {
		r := &routes[i]
		s := resources[r.path]
		if s == nil {
			s = &resource{api: a, path: r.path, methods: make(map[string]*route)}
			resources[r.path] = s
			router.Path(r.path).Handler(s)
		}
		s.methods[r.method] = r
		if r.method == http.MethodGet {
			s.methods[http.MethodHead] = r
		}
	}
	for _, s := range resources {
		methods := slices.Sorted(maps.Keys(s.methods))
		s.allow = strings.Join(append(methods, http.MethodOptions), ", ")
	}
	return router
}

func (s *resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := w.(*call)
	c.path = s.path
	route, ok := s.methods[r.Method]
	switch {
	case ok:
		c.command = route.limit == perUser
		if err := s.api.serve(c, route); err != nil {
			s.api.fail(c, err)
		}
	case r.Method == http.MethodOptions:
		c.Header().Set("Allow", s.allow)
		c.WriteHeader(http.StatusNoContent)
	default:
		c.Header().Set("Allow", s.allow)
		s.api.fail(c, errWrongMethod)
	}
}
