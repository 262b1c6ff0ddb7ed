package printable

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain\tand\nlines":               "plain\tand\nlines",
		"\x1b[31mred\x1b]0;owned\x07":     `\u001b[31mred\u001b]0;owned\u0007`,
		"over\rwritten":                   `over\u000dwritten`,
		"c1 \u009b31m and \x7f":           `c1 \u009b31m and \u007f`,
		"turned \u202e.txt":               `turned \u202e.txt`,
		"cut \xff\xfe":                    "cut \ufffd",
		"größer, 日本, \U0001f600, e\u0301": "größer, 日本, \U0001f600, e\u0301",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClipAndQuote(t *testing.T) {
	if got := Clip(strings.Repeat("ä", 50), 11); got != "äääää... (90 bytes more)" {
		t.Error(got)
	}
	if got := Clip("short", 11); got != "short" {
		t.Error(got)
	}
	if got := Quote(strings.Repeat("x", 1<<20)); len(got) > 120 || !strings.Contains(got, "1048576 bytes") {
		t.Error(got)
	}
	if got := Quote("\x1b[m"); got != `"\x1b[m"` {
		t.Error(got)
	}
}

// FuzzText: what comes out is shown as it is by a terminal, however the input is
// cut into writes, and stays well-formed where it stood in a JSON string.
func FuzzText(f *testing.F) {
	f.Add([]byte("a\x1b[31m\xc2\x9bb\xe2\x80\xae"), 3)
	f.Add([]byte("\xf0\x9f\x98\x80"), 2)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		whole := Text(string(in))
		if !utf8.ValidString(whole) || strings.ContainsAny(whole, "\x1b\x07\x00\r\x7f\u009b\u202e") {
			t.Errorf("%q", whole)
		}
		if Text(whole) != whole {
			t.Errorf("%q changes when it is cleaned again", whole)
		}
		var b bytes.Buffer
		w := Writer(&b)
		cut = max(0, min(cut, len(in)))
		w.Write(in[:cut])
		w.Write(in[cut:])
		if utf8.Valid(in) && b.String() != whole {
			t.Errorf("in two pieces %q, in one %q", b.String(), whole)
		}
		text, err := json.Marshal(string(in))
		if err != nil {
			t.Fatal(err)
		}
		var a, c string
		if json.Unmarshal(text, &a) != nil || json.Unmarshal([]byte(Text(string(text))), &c) != nil || a != c {
			t.Errorf("JSON %s becomes %s", text, Text(string(text)))
		}
		doc := "<a>" + html(XML(string(in))) + "</a>"
		if err := xml.Unmarshal([]byte(doc), new(struct{})); err != nil {
			t.Errorf("%q: %v", doc, err)
		}
	})
}

func html(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		switch r {
		case '<', '>', '&':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
