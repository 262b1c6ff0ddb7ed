package archlist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// document reads a JSON array of architectures, an object that holds one, or a
// single architecture. What follows a mistake is not read.
func (rd *reader) document(data []byte) []row {
	start := bytes.IndexAny(data, "[{\"")
	lines := lineCounter{data: data}
	var value json.RawMessage
	if json.Unmarshal(data, &value) == nil {
		if r := rd.jsonRow(value); r.err == nil {
			r.line = lines.at(start)
			return []row{r}
		}
	}
	at, err := listStart(data)
	if err != nil {
		return []row{{line: lines.at(start), err: err}}
	}
	dec := json.NewDecoder(bytes.NewReader(data[at:]))
	if _, err := dec.Token(); err != nil { // the bracket
		return []row{{line: lines.at(at), err: err}}
	}
	var out []row
	for len(out) <= maxRows {
		from := at + int(dec.InputOffset())
		for from < len(data) && bytes.IndexByte([]byte(" \t\r\n,"), data[from]) >= 0 {
			from++
		}
		if !dec.More() {
			break
		}
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return append(out, row{line: lines.at(min(from, len(data)-1)), err: jsonError(err)})
		}
		r := rd.jsonRow(element)
		r.line = lines.at(from)
		out = append(out, r)
	}
	if len(out) > maxRows { // Read says so
		return out
	}
	if _, err := dec.Token(); err != nil {
		out = append(out, row{line: lines.at(len(data) - 1), err: jsonError(err)})
	}
	return out
}

// listStart finds the bracket of the list: the document's own, or that of the
// first array among an object's fields.
func listStart(data []byte) (int, error) {
	start := bytes.IndexAny(data, "[{")
	if start < 0 {
		return 0, errors.New("no list of architectures")
	}
	if data[start] == '[' {
		return start, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data[start:]))
	if _, err := dec.Token(); err != nil {
		return 0, jsonError(err)
	}
	for dec.More() {
		if _, err := dec.Token(); err != nil { // the field's name
			return 0, jsonError(err)
		}
		at := start + int(dec.InputOffset())
		for at < len(data) && bytes.IndexByte([]byte(" \t\r\n:"), data[at]) >= 0 {
			at++
		}
		if at < len(data) && data[at] == '[' {
			return at, nil
		}
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return 0, jsonError(err)
		}
	}
	return 0, errors.New("a JSON object in which nothing names an architecture and no field is a list")
}

// jsonError puts an error of encoding/json in words.
func jsonError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the JSON ends within a value: a part of the file is missing")
	}
	return fmt.Errorf("no JSON from here on: %w", err)
}

// jsonRow reads one architecture: a string, an object with known fields, or a
// pair of what a set of two columns holds, perhaps within a pair itself.
func (rd *reader) jsonRow(value json.RawMessage) row {
	if len(value) > maxRow {
		return row{text: printable.Quote(string(value)), err: fmt.Errorf("%s is no architecture: more than %d bytes", printable.Quote(string(value)), maxRow)}
	}
	switch value = bytes.TrimSpace(value); value[0] {
	case '"':
		return row{text: jsonText(value)}
	case '{':
		return rd.jsonObject(value)
	case '[':
		return rd.jsonPair(value)
	}
	return row{text: printable.Quote(string(value)), err: fmt.Errorf("%s is no architecture: want a text, an object or a pair", printable.Quote(string(value)))}
}

func (rd *reader) jsonObject(value json.RawMessage) row {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(value, &fields); err != nil {
		return row{err: err}
	}
	header := make([]string, 0, len(fields))
	for name := range fields {
		header = append(header, name)
	}
	sort.Strings(header)
	l := rd.names.layout(header)
	if !l.found() {
		if rd.names.only != "" {
			return row{text: printable.Quote(string(value)), err: fmt.Errorf("the object has no field %q", rd.names.only)}
		}
		return row{text: printable.Quote(string(value)), err: fmt.Errorf("no field of the object is known; known are %s", rd.names.known())}
	}
	return l.row(func(i int) string { return jsonText(fields[header[i]]) })
}

// jsonPair reads [matrix, operations], and [[matrix, operations], anything].
func (rd *reader) jsonPair(value json.RawMessage) row {
	bad := row{text: printable.Quote(string(value)), err: fmt.Errorf("%s is no architecture", printable.Quote(string(value)))}
	var pair []json.RawMessage
	if err := json.Unmarshal(value, &pair); err != nil || len(pair) < 2 {
		return bad
	}
	t, ok := rd.space.(space.Tabular)
	if !ok || len(t.Columns()[0]) != 2 {
		return bad
	}
	if len(pair) == 2 && pair[1][0] == '[' && bytes.ContainsAny(pair[1], "\"") && !bytes.ContainsAny(pair[0], "\"{") {
		return row{columns: t.Columns()[0], values: []string{jsonText(pair[0]), jsonText(pair[1])}}
	}
	if pair[0][0] == '[' && pair[1][0] != '[' {
		return rd.jsonPair(pair[0])
	}
	return bad
}

// jsonText returns a field's value as text: a string as it is, strings in a
// list separated by commas, nothing for null, else the JSON itself.
func jsonText(value json.RawMessage) string {
	var text *string
	if json.Unmarshal(value, &text) == nil {
		if text == nil {
			return ""
		}
		return *text
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return strings.Join(list, ",")
	}
	return string(value)
}

// lineCounter numbers the lines of places that come in ascending order.
type lineCounter struct {
	data []byte
	done int
	line int
}

func (c *lineCounter) at(offset int) int {
	if offset < c.done {
		c.done, c.line = 0, 0
	}
	c.line += bytes.Count(c.data[c.done:offset], []byte("\n"))
	c.done = offset
	return c.line + 1
}
