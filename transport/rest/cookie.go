package rest

import (
	"net/http"
	"time"

	"onsale/command/identity"
)

const refreshCookie = "onsale_refresh"

// setRefreshCookie hands a browser its refresh token. The cookie's path is that of the authentication calls below the
// prefix it was asked for under: /auth or /api/auth. Cookies know no ports, so the two do not overwrite each other where
// both ports are used from one browser.
func (a *api) setRefreshCookie(c *call, t identity.Tokens) {
	cookie := a.cookie(c, t.Refresh)
	cookie.Expires = t.RefreshExpiresAt
	http.SetCookie(c, cookie)
}

func (a *api) clearRefreshCookie(c *call) {
	cookie := a.cookie(c, "")
	cookie.MaxAge = -1
	cookie.Expires = time.Unix(0, 0)
	http.SetCookie(c, cookie)
}

func (a *api) cookie(c *call, value string) *http.Cookie {
	return &http.Cookie{
		Name: refreshCookie, Value: value, Path: c.mount + "/auth",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: a.SecureCookies || c.r.TLS != nil,
	}
}

// refreshToken takes the refresh token from the body, or, when there is none, from the cookie. A cookie comes along
// whoever made the browser send the request, so it is taken only from our own pages and from allowed origins, and only
// when the browser says where it comes from.
func (a *api) refreshToken(c *call) (token string, fromCookie bool, err error) {
	if len(c.body) > 0 {
		in, err := decode[RefreshToken](c)
		return in.RefreshToken, false, err
	}
	cookie, err := c.r.Cookie(refreshCookie)
	if err != nil || cookie.Value == "" {
		return "", false, errTokenMissing
	}
	told := c.r.Header.Get("Origin") != "" || c.r.Header.Get("Sec-Fetch-Site") != ""
	if !told || a.origins.Check(c.r) != nil {
		return "", true, errOriginNotAllowed
	}
	return cookie.Value, true, nil
}
