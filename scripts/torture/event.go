package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// An event is one sale that is tortured, and who buys.
type event struct {
	index    int
	id       string
	seats    []int    // by section
	sections []string // their ids
	buyers   []account

	known []knowledge // by buyer
}

// An account is a user. Nothing of it is in the database: its token is enough to buy.
type account struct{ id, token string }

func (e *event) sectionIndex(id string) int { return max(0, slices.Index(e.sections, id)) }

func (e *event) buyerIndex(id string) int {
	return slices.IndexFunc(e.buyers, func(a account) bool { return a.id == id })
}

// shapes are the seats of the events of a round: few that everybody wants, some sections, and many.
var shapes = [][]int{{3}, {12}, {4, 20}, {6, 6, 30}, {300}}

const buyersOfEach = 14

// The secrets that the nodes are given, so that tokens can be made here.
const (
	accessSecret  = "the torture's own secret for access tokens"  //nolint:gosec // it opens nothing else
	refreshSecret = "the torture's own secret for refresh tokens" //nolint:gosec // likewise
)

// newAccount makes an account whose token is good for any clock that a node may be given.
func newAccount(now time.Time) (account, error) {
	id := uuid.NewString()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "onsale", "aud": "onsale-access", "sub": id, "role": "user", "jti": uuid.NewString(),
		"iat": now.Add(-time.Hour).Unix(), "nbf": now.Add(-time.Hour).Unix(), "exp": now.Add(24 * time.Hour).Unix(),
	}).SignedString([]byte(accessSecret))
	return account{id, token}, err
}

// put puts an event on sale.
func put(c *client, index int, seats []int, now time.Time) (*event, error) {
	e := &event{index: index, seats: seats, known: make([]knowledge, buyersOfEach)}
	for range buyersOfEach {
		buyer, err := newAccount(now)
		if err != nil {
			return nil, err
		}
		e.buyers = append(e.buyers, buyer)
	}
	type section struct {
		Name     string `json:"name"`
		Price    int    `json:"price"`
		Capacity int    `json:"capacity"`
	}
	var sections []section
	for i, n := range seats {
		sections = append(sections, section{fmt.Sprint("Section ", i), 10 + i, n})
	}
	r := c.do("POST", "/events", e.buyers[0].token, nil, map[string]any{"title": fmt.Sprint("Event ", index), "sections": sections})
	if r.err != nil || r.status != 201 {
		return nil, fmt.Errorf("put event %d on sale: status %d %s: %w", index, r.status, r.body, r.err)
	}
	var made answerBody
	if err := json.Unmarshal(r.body, &made); err != nil {
		return nil, err
	}
	e.id = made.ID
	for _, s := range made.Sections {
		e.sections = append(e.sections, s.ID)
	}
	return e, nil
}

// source is the random numbers of one part of a round.
func source(seed uint64, part string, n int) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(part) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h+uint64(n)))
}
