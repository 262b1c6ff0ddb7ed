package download

import (
	"net/url"
	"regexp"
	"strings"
)

// Redact returns an address without what may be a secret: its user name and
// password, its query and its fragment. What is no address is cut by the same
// rules.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err == nil && u.Host != "" {
		if u.User == nil && u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery {
			return address
		}
		u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
		return u.String()
	}
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		scheme, rest = "", address
	} else {
		scheme += "://"
	}
	// An unescaped @ or / may be part of a password: all before the last @ goes.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return scheme + rest
}

var anAddress = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>\\]+`)

// RedactText is Redact of every address in a text.
func RedactText(text string) string { return anAddress.ReplaceAllStringFunc(text, Redact) }

// redacted is an error whose text names no secrets.
type redacted struct{ err error }

// Error implements error.
func (r redacted) Error() string { return RedactText(r.err.Error()) }

// Unwrap returns the error as it was.
func (r redacted) Unwrap() error { return r.err }
