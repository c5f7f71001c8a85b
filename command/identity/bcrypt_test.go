package identity

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestHashesAreBcrypts(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{
		"a word": "correct horse 1", "none": "", "one letter": "a", "as long as may be": string(bytes.Repeat([]byte("p"), 72)), "any script": "пароль-密码-1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost+1)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := hashPassword(t.Context(), []byte(password), bcrypt.MinCost+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := bcrypt.CompareHashAndPassword(ours, []byte(password)); err != nil {
				t.Errorf("they take %q for another's: %v", ours, err)
			}
			if cost, err := bcrypt.Cost(ours); err != nil || cost != bcrypt.MinCost+1 || len(ours) != len(theirs) {
				t.Errorf("%q: cost %d, %v", ours, cost, err)
			}
			for _, hash := range [][]byte{theirs, ours} {
				if err := comparePassword(t.Context(), hash, []byte(password)); err != nil {
					t.Errorf("%q: %v", hash, err)
				}
				if err := comparePassword(t.Context(), hash, []byte(password + "x")[:min(72, len(password)+1)]); len(password) < 72 && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
					t.Errorf("another password, %q: %v", hash, err)
				}
			}
		})
	}
	// Known answers of others' implementations: crypt_blowfish's tests.
	for hash, password := range map[string]string{
		"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW": "U*U",
		"$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK": "U*U*",
		"$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e": "\xff\xff\xa3",
	} {
		if err := comparePassword(t.Context(), []byte(hash), []byte(password)); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
	}
	for _, malformed := range []string{"", "secret", "$2a$04$short", "$2a$99$" + string(bytes.Repeat([]byte("."), 53)), "$2a$04$" + string(bytes.Repeat([]byte("?"), 53))} {
		if err := comparePassword(t.Context(), []byte(malformed), nil); err == nil || errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			t.Errorf("a hash %q that is none: %v", malformed, err)
		}
	}
}

func TestTwoHashesOfAPasswordDiffer(t *testing.T) {
	t.Parallel()
	one, err := hashPassword(t.Context(), []byte(password), bcrypt.MinCost)
	other, err2 := hashPassword(t.Context(), []byte(password), bcrypt.MinCost)
	if err := errors.Join(err, err2); err != nil || bytes.Equal(one, other) {
		t.Errorf("%s, %s, %v", one, other, err)
	}
}

func TestHashingGivesWayAfterEachStint(t *testing.T) {
	t.Parallel()
	times := 0
	_, err := bcryptSum(t.Context(), []byte(password), make([]byte, 16), 7, func(context.Context) error { times++; return nil })
	if want := 1 << 7 / stint; err != nil || times != want {
		t.Errorf("gave way %d times in %d rounds, want %d; %v", times, 1<<7, want, err)
	}
}

func TestHashingEndsWhenItsClientHangsUp(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	times := 0
	_, err := bcryptSum(ctx, []byte(password), make([]byte, 16), 7, func(ctx context.Context) error {
		if times++; times == 3 {
			hangUp()
		}
		return giveWay(ctx)
	})
	if !errors.Is(err, context.Canceled) || times != 3 {
		t.Errorf("gave way %d times, %v", times, err)
	}
	if _, err := hashPassword(ctx, []byte(password), bcrypt.MinCost); !errors.Is(err, context.Canceled) {
		t.Errorf("a hash was made: %v", err)
	}
	if err := comparePassword(ctx, decoyHash(bcrypt.MinCost), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("compared: %v", err)
	}
}
