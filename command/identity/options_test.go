package identity

import (
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Options)
		want   []string
	}{
		"a short secret": {func(o *Options) { o.AccessSecret = o.AccessSecret[1:] }, []string{"access secret has 15 bytes"}},
		"no secrets, and says so for both": {func(o *Options) { o.AccessSecret, o.RefreshSecret = nil, nil },
			[]string{"access secret has 0 bytes", "refresh secret has 0 bytes"}},
		"one secret for both kinds":   {func(o *Options) { o.RefreshSecret = o.AccessSecret }, []string{"are the same"}},
		"a bcrypt cost beyond bcrypt": {func(o *Options) { o.BcryptCost = 32 }, []string{"bcrypt cost 32"}},
		"negative slots":              {func(o *Options) { o.HashSlots = -1 }, []string{"hash slots -1"}},
		"a negative queue":            {func(o *Options) { o.HashQueue = -1 }, []string{"queue -1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{AccessSecret: accessSecret, RefreshSecret: refreshSecret}
			test.change(&o)
			_, err := New(nil, o)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "aaaa") {
				t.Error("the error tells a secret")
			}
		})
	}
}

func TestOnlyTestsMayHashCheaply(t *testing.T) {
	t.Parallel()
	o := Options{AccessSecret: accessSecret, RefreshSecret: refreshSecret, BcryptCost: 9, HashSlots: 1, HashQueue: 1}
	if err := o.check(true); err != nil {
		t.Errorf("in a test: %v", err)
	}
	if err := o.check(false); err == nil || !strings.Contains(err.Error(), "bcrypt cost 9") {
		t.Errorf("in a program: got %v, want a refusal of cost 9", err)
	}
	o.BcryptCost = 10
	if err := o.check(false); err != nil {
		t.Errorf("cost 10 in a program: %v", err)
	}
}
