package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/blowfish" //nolint:staticcheck // deprecated as a cipher; bcrypt is made of it
)

// stint is how many rounds of bcrypt are done until it gives way: half a millisecond or so.
//
// Hashing is bcrypt as golang.org/x/crypto/bcrypt has it, whose hashes are made and read here too, but that it gives way. That one
// keeps a processor for fifty milliseconds: Go takes it away after ten at the soonest, and the kernel when it sees fit. Bookings
// wait for the processor several times each, and beside log-ins one after the other their p99 was five times what it is.
const stint = 8

// What a hash consists of, in characters: $2a$10$, the salt, the sum.
const (
	saltSize = 22 // 16 bytes
	sumSize  = 31 // 23 bytes: the last of the 24 has never been told
)

var bcryptBase64 = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// giveWay lets those who are ready have the processor first: other programs, where the kernel can be told, and whoever else
// waits for it in this one. Where nobody does it takes no time. Its error is ctx's.
func giveWay(ctx context.Context) error {
	yieldThread()
	runtime.Gosched()
	return ctx.Err()
}

// hashPassword returns a new hash of a password that is [hashable], or ctx's error when that ended before.
func hashPassword(ctx context.Context, password []byte, cost int) ([]byte, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	head := bcryptBase64.AppendEncode(fmt.Appendf(nil, "$2a$%02d$", cost), salt)
	sum, err := bcryptSum(ctx, password, salt, cost, giveWay)
	if err != nil {
		return nil, err
	}
	return append(head, sum...), nil
}

// comparePassword returns nil when the hash is of the password, [bcrypt.ErrMismatchedHashAndPassword] when it is of another, and
// ctx's error when that ended before it was known.
func comparePassword(ctx context.Context, hash, password []byte) error {
	cost, err := bcrypt.Cost(hash)
	if err != nil {
		return err
	}
	head, want := hash[:len(hash)-sumSize], hash[len(hash)-sumSize:]
	salt, err := bcryptBase64.AppendDecode(nil, head[len(head)-saltSize:])
	if err != nil {
		return fmt.Errorf("salt of a hash: %w", err)
	}
	sum, err := bcryptSum(ctx, password, salt, cost, giveWay)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(sum, want) != 1 {
		return bcrypt.ErrMismatchedHashAndPassword
	}
	return nil
}

// bcryptSum is the last part of a hash: see Provos and Mazières, A Future-Adaptable Password Scheme, 1999. It calls rest after each
// stint, and ends with its error.
func bcryptSum(ctx context.Context, password, salt []byte, cost int, rest func(context.Context) error) ([]byte, error) {
	key := append(slices.Clone(password), 0) // as it was a string of C's
	cipher, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return nil, err
	}
	for round := range 1 << cost {
		if round%stint == stint-1 {
			if err := rest(ctx); err != nil {
				return nil, err
			}
		}
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(salt, cipher)
	}
	text := []byte("OrpheanBeholderScryDoubt")
	for block := range slices.Chunk(text, blowfish.BlockSize) {
		for range 64 {
			cipher.Encrypt(block, block)
		}
	}
	return bcryptBase64.AppendEncode(nil, text[:23]), nil
}
