package faults

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestServer: each answer is what it is called.
func TestServer(t *testing.T) {
	content := []byte(strings.Repeat("0123456789", 1000))
	get := func(a Answer, from string) (*http.Response, []byte, error) {
		s := httptest.NewServer(&Server{Content: content, ETag: `"a"`, Next: func(int, *http.Request) Answer { return a }})
		defer s.Close()
		req, _ := http.NewRequest("GET", s.URL, nil)
		if from != "" {
			req.Header.Set("Range", "bytes="+from+"-")
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			return nil, nil, err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return resp, b, err
	}
	for _, c := range []struct {
		a      Answer
		from   string
		status int
		bytes  int
		whole  bool
	}{
		{Good, "", 200, 10000, true}, {Good, "4000", 206, 6000, true}, {Broken, "", 200, 5000, false},
		{Whole, "4000", 200, 10000, true}, {WrongStart, "4000", 206, 10000, true}, {NoRange, "4000", 206, 6000, true},
		{Refused, "", 200, 5000, false}, {Refused, "4000", 416, 0, true}, {Failing, "", 503, 10, true},
		{Empty, "4000", 200, 0, false}, {Nonsense, "4000", 206, 6000, true}, {Other, "4000", 206, 6000, true}, {Lying, "", 200, 10000, false},
	} {
		resp, b, err := get(c.a, c.from)
		if resp == nil || resp.StatusCode != c.status || len(b) != c.bytes || (err == nil) != c.whole {
			t.Errorf("answer %d from %q: %v, %d bytes, %v", c.a, c.from, resp, len(b), err)
		}
	}
}

func TestWriter(t *testing.T) {
	var b strings.Builder
	full := errors.New("full")
	n, err := io.WriteString(&Writer{&b, 4, full}, "abcdef")
	if n != 4 || err != full || b.String() != "abcd" {
		t.Errorf("%d, %v, %q", n, err, b.String())
	}
}
