package rest_test

import (
	"fmt"
	"testing"

	"onsale/transport/rest"
)

// What a row, a command or a claim calls something, in every body there is: none of it is the client's to set.
func TestNobodySetsWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	f := &fakes{session: noSession(t)}
	api := newAPI(t, f, func(o *rest.Options) { o.NoRateLimits = true })
	names := []string{
		"role", "admin", "isAdmin", "id", "userId", "user_id", "buyer", "buyerId", "organizer", "organizerId", "remaining", "remainingTickets",
		"version", "position", "status", "amount", "createdAt", "expiresAt", "closed", "correlationId", "idempotencyKey", "passwordHash",
		"__proto__", "constructor", "Role", "USERID",
	}
	for path, body := range bodies {
		for _, name := range names {
			for _, value := range []string{`"admin"`, `1`, `true`, `{}`} {
				smuggled := fmt.Sprintf(`{%q:%s,%s`, name, value, body[1:])
				wantProblem(t, api, post(path, smuggled), 422, "invalid", name)
			}
		}
	}
	for _, name := range []string{"id", "onSale", "held", "booked", "version"} {
		body := fmt.Sprintf(`{"title":"A","sections":[{"name":"a","price":1,"capacity":1,%q:1}]}`, name)
		wantProblem(t, api, post("/events", body), 422, "invalid", "sections[0]."+name)
	}
	if len(f.given) > 0 {
		t.Errorf("commands came through: %+v", f.given)
	}
}
