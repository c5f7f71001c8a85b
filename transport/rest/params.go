package rest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"onsale/query"
)

// params reads the query part of a request's URL and gathers what is wrong with it. Parameters that nobody asks for are
// left alone.
type params struct {
	values url.Values
	problems
}

func (c *call) params() *params {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	p := &params{values: values}
	if err != nil {
		p.add("query", codeInvalid, "must be a URL-encoded query")
	}
	return p
}

func (p *params) one(name string) (value string, given bool) {
	values := p.values[name]
	if len(values) > 1 {
		p.add(name, codeInvalid, "is given more than once")
	}
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

// integer reads a whole number from 1 to highest.
func (p *params) integer(name string, standard, highest int) int {
	value, given := p.one(name)
	if !given {
		return standard
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > highest {
		p.add(name, codeInvalid, fmt.Sprintf("must be a whole number from 1 to %d", highest))
		return standard
	}
	return n
}

// choice reads one of the choices, the first of which is the standard.
func (p *params) choice(name string, choices ...string) string {
	value, given := p.one(name)
	if !given {
		return choices[0]
	}
	if !slices.Contains(choices, value) {
		p.add(name, codeInvalid, "must be "+strings.Join(choices, " or "))
	}
	return value
}

// text reads some characters, without the space around them.
func (p *params) text(name string, longest int) string {
	value, _ := p.one(name)
	if !utf8.ValidString(value) || strings.Contains(value, "\x00") {
		p.add(name, codeInvalid, "must be text")
	} else if utf8.RuneCountInString(value) > longest {
		p.add(name, codeInvalid, fmt.Sprintf("must be at most %d characters", longest))
	}
	return strings.TrimSpace(value)
}

// paging reads which page is wanted, and how long pages are.
func (p *params) paging(standardLimit int) query.Paging {
	return query.Paging{Page: p.integer("page", 1, 1_000_000), Limit: p.integer("limit", standardLimit, 50)}
}

// pageMeta tells where in the whole a page is.
func pageMeta(total int, p query.Paging) PageMeta {
	return PageMeta{Total: total, Page: p.Page, Limit: p.Limit, TotalPages: (total + p.Limit - 1) / p.Limit}
}
