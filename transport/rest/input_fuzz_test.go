package rest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"onsale/query"
)

// An amount is taken exactly, to the last decimal, or not at all; and written again it is the same amount.
func FuzzMoney(f *testing.F) {
	for _, number := range []string{"49.99", "0", "-0.0", "0.001", "92233720368547758.07", "92233720368547758.08", "1e2", "-92233720368547758.08", "7.50000000",
		"1e999999999", "1E-999999999", "0.0000000000000000000000000000001", "123456789012345678901234567890", "9.2233720368547758e16", "-1", "00", "1.", "1_0"} {
		for _, currency := range []string{"USD", "JPY", "KWD", "CLF", "XXX"} {
			f.Add(number, currency)
		}
	}
	f.Fuzz(func(t *testing.T, number, currency string) {
		if !json.Valid([]byte(number)) || !aNumber.accepts(number[0]) || strings.TrimSpace(number) != number {
			return // decode lets through nothing else
		}
		minor, problem := minorUnits(json.Number(number), currency)
		if problem != "" {
			return
		}
		want, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s was taken for a number", number)
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals(currency))), nil)
		if want.Mul(want, new(big.Rat).SetInt(scale)); want.Cmp(new(big.Rat).SetInt64(minor)) != 0 {
			t.Errorf("%s %s became %d minor units", number, currency, minor)
		}
		written := money(minor, currency)
		if again, problem := minorUnits(written, currency); again != minor || problem != "" || !json.Valid([]byte(written)) {
			t.Errorf("%d became %s became %d (%s)", minor, written, again, problem)
		}
	})
}

// Whatever a query says, what comes of it is within its bounds, and said again it means the same.
func FuzzParams(f *testing.F) {
	for _, q := range []string{
		"page=2&limit=50&search=rock%25&sortBy=price&before=9223372036854775807", "page=0", "page=1;limit=2", "search=%ff", "search=%00",
		"page=+1", "limit=1&limit=2", "page=-9223372036854775808", "page=1e3", "limit=%EF%BC%91", "search=%ED%A0%80", "search=%C3", "search=%E2%80%AE",
		"search=a&search=", "&&=&", "%00=1", "before=9223372036854775808", "sortBy=PRICE", "search=" + strings.Repeat("%C3%A9", 101), "%zz", "search=%F0%9F%8E%9F", "page=00000000000000000000001",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		p := (&call{r: &http.Request{URL: &url.URL{RawQuery: q}}}).params()
		got := read(p)
		if err := p.err(); err != nil {
			wantTold(t, err)
			return
		}
		if got.Page < 1 || got.Page > 1_000_000 || got.Limit < 1 || got.Limit > 50 || got.Before < 0 ||
			utf8.RuneCountInString(got.Search) > 100 || !utf8.ValidString(got.Search) || strings.ContainsRune(got.Search, 0) {
			t.Errorf("%q was taken as %+v", q, got)
		}
		again := read((&call{r: &http.Request{URL: &url.URL{RawQuery: p.values.Encode()}}}).params())
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("%q, said again (-first +again):\n%s", q, diff)
		}
	})
}

type asked struct {
	query.Paging
	Search, SortBy string
	Before         int
}

func read(p *params) asked {
	return asked{
		Paging: p.paging(10), Search: p.text("search", 100), SortBy: p.choice("sortBy", "date", "price"),
		Before: p.integer("before", 0, 1<<62),
	}
}

// The headers of ours: a position is taken as the number that it is, a key to the letter, a request's id only where it is one, and
// nobody chooses the address that they are limited by.
func FuzzHeaders(f *testing.F) {
	for _, value := range []string{
		"0", "42", "9223372036854775807", "9223372036854775808", "-1", "", " 1", "1_000", "0x10", "١", "a b", "a\r\nX: y", "schlüssel", "\x7f",
		strings.Repeat("k", 255), strings.Repeat("k", 256), "\xff", "4bf92f3577b34da6a3ce929d0e0e4736", strings.Repeat("f", 65), "\"}",
		"18446744073709551616", "9e9", "１２", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f3577b34da6\x00", "ключ", "k\u202e", "\xed\xa0\x80",
		"127.0.0.1", "10.0.0.1, 10.0.0.2", "fe80::1%eth0", "[::1]:80", "10.0.0.1:99999", "unknown, _hidden", ",,", "::1", "203.0.113.9\x00", strings.Repeat("1.1.1.1,", 100),
	} {
		f.Add(value, uint32(0xcb007101))
	}
	f.Fuzz(func(t *testing.T, value string, client uint32) {
		checkPosition(t, value)
		checkKey(t, value)
		checkRequestID(t, value)
		checkClientAddress(t, value, netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, client))))
	})
}

var (
	visibleKey = regexp.MustCompile(`^[!-~]{1,255}$`)
	plainID    = regexp.MustCompile(`^[0-9A-Fa-f-]{16,64}$`)
)

func checkPosition(t *testing.T, value string) {
	t.Helper()
	position, err := knownPosition(&http.Request{Header: http.Header{"Onsale-Position": {value}}})
	if err != nil {
		wantHeaderNamed(t, err, "Onsale-Position")
		return
	}
	if want, ok := new(big.Int).SetString(value, 10); !ok || !want.IsInt64() || want.Int64() != position || position < 0 {
		t.Errorf("%q was taken as %d", value, position)
	}
	w := httptest.NewRecorder()
	(&call{ResponseWriter: w}).position(position)
	if again, err := knownPosition(&http.Request{Header: w.Header()}); again != position || err != nil { // zero is none, and not told
		t.Errorf("%d was told as %q, which is %d, %v", position, w.Header(), again, err)
	}
}

func checkKey(t *testing.T, key string) {
	t.Helper()
	got, err := idempotencyKey(&http.Request{Header: http.Header{"Idempotency-Key": {key}}})
	visible := visibleKey.MatchString(key)
	if visible != (err == nil) || err == nil && got != key {
		t.Errorf("%q was taken as %q, %v", key, got, err)
	}
	if err != nil {
		wantHeaderNamed(t, err, "Idempotency-Key")
	}
}

func wantHeaderNamed(t *testing.T, err error, header string) {
	t.Helper()
	var f *fault
	if !errors.As(err, &f) || answerTo(err).status != http.StatusBadRequest || len(f.fields) != 1 || f.fields[0].Field != header {
		t.Errorf("got %v, want a problem with %s", err, header)
	}
}

func checkRequestID(t *testing.T, id string) {
	t.Helper()
	if plain := plainID.MatchString(id); isRequestID(id) && !plain {
		t.Errorf("%q was taken for an id", id)
	}
}

// checkClientAddress wants that nothing counts which stands left of the last hop, or comes from a peer that is no trusted proxy.
func checkClientAddress(t *testing.T, forged string, client netip.Addr) {
	t.Helper()
	trusted := netip.MustParsePrefix("10.0.0.0/8")
	if trusted.Contains(client) {
		return
	}
	address := ClientAddress([]netip.Prefix{trusted})
	from := func(peer string, forwarded ...string) string {
		return address(&http.Request{RemoteAddr: peer + ":1234", Header: http.Header{"X-Forwarded-For": forwarded}})
	}
	for name, got := range map[string]string{
		"straight":                  from(client.String(), forged),
		"through a proxy":           from("10.0.0.1", forged+", "+client.String()),
		"through a proxy's proxy":   from("10.0.0.1", forged+","+client.String()+", 10.9.9.9"),
		"through one that adds one": from("10.0.0.1", forged, client.String()),
		"in IPv6's clothes":         from("10.0.0.1", forged, "::ffff:"+client.String()),
	} {
		if got != client.String() {
			t.Errorf("%s, %q: %q, want %v", name, forged, got, client)
		}
	}
}
