package rest

import (
	"errors"
	"log/slog"
	"net/http"

	"onsale/command/identity"
)

func (a *api) register(c *call) error {
	in, err := decode[Registration](c)
	if err != nil {
		return err
	}
	user, tokens, err := a.Accounts.Register(c.r.Context(), identity.Registration{Email: in.Email, Password: in.Password, Name: in.Name})
	if err != nil {
		return err
	}
	a.setRefreshCookie(c, tokens)
	return c.json(http.StatusCreated, sessionOf(user, tokens))
}

func (a *api) logIn(c *call) error {
	in, err := decode[Credentials](c)
	if err != nil {
		return err
	}
	user, tokens, err := a.Accounts.LogIn(c.r.Context(), in.Email, in.Password)
	if err != nil {
		return err
	}
	a.setRefreshCookie(c, tokens)
	return c.json(http.StatusOK, sessionOf(user, tokens))
}

// refresh answers a cookie with a cookie: a script that could make the browser send one must not be able to read the next.
func (a *api) refresh(c *call) error {
	token, fromCookie, err := a.refreshToken(c)
	if err != nil {
		return err
	}
	user, tokens, err := a.Accounts.Refresh(c.r.Context(), token)
	if errors.Is(err, identity.ErrTokenReused) {
		a.log.LogAttrs(c.r.Context(), slog.LevelWarn, "refresh token reused: session ended", slog.String("id", c.id))
	}
	if err != nil {
		if fromCookie && errors.Is(err, identity.ErrInvalidToken) {
			a.clearRefreshCookie(c)
		}
		return err
	}
	session := sessionOf(user, tokens)
	if fromCookie {
		session.RefreshToken = ""
	}
	a.setRefreshCookie(c, tokens)
	return c.json(http.StatusOK, session)
}

func (a *api) logOut(c *call) error {
	token, _, err := a.refreshToken(c)
	if err != nil {
		return err
	}
	if err := a.Accounts.LogOut(c.r.Context(), token); err != nil {
		return err
	}
	a.clearRefreshCookie(c)
	return c.noContent()
}

func (a *api) me(c *call) error {
	user, err := a.Accounts.User(c.r.Context(), c.caller.UserID)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, userOf(user))
}

func sessionOf(u identity.User, t identity.Tokens) Session {
	return Session{User: userOf(u), AccessToken: t.Access, RefreshToken: t.Refresh}
}

func userOf(u identity.User) User {
	return User{ID: u.ID, Email: u.Email, Name: u.Name, Role: string(u.Role), CreatedAt: u.CreatedAt}
}
