package pickle

import (
	"reflect"
	"strings"
	"testing"
)

// TestRead reads what Python 3's pickle.dumps writes (protocols 2 and 4) of
// {"a": [1, -2, 300, 70000, 2**40, -2**40], "b": (0.5, None, True, False), "c": b"x"}.
func TestRead(t *testing.T) {
	want := &Dict{
		{"a", &List{[]any{int64(1), int64(-2), int64(300), int64(70000), int64(1 << 40), int64(-1 << 40)}}},
		{"b", Tuple{0.5, nil, true, false}},
		{"c", "x"},
	}
	for name, data := range map[string]string{
		"protocol 2": "\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffM,\x01Jp\x11\x01\x00\x8a\x06\x00\x00\x00\x00\x00\x01\x8a\x06\x00\x00\x00\x00\x00\xffeX\x01\x00\x00\x00bq\x03(G?\xe0\x00\x00\x00\x00\x00\x00N\x88\x89tq\x04X\x01\x00\x00\x00cq\x05X\x01\x00\x00\x00xq\x06u.",
		"protocol 4": "\x80\x04\x95G\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01J\xfe\xff\xff\xffM,\x01Jp\x11\x01\x00\x8a\x06\x00\x00\x00\x00\x00\x01\x8a\x06\x00\x00\x00\x00\x00\xffe\x8c\x01b\x94(G?\xe0\x00\x00\x00\x00\x00\x00N\x88\x89t\x94\x8c\x01c\x94\x8c\x01x\x94u.",
	} {
		got, err := Read([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", name, got, err)
		}
	}
}

// TestRefused: nothing is called, and nothing wrong crashes.
func TestRefused(t *testing.T) {
	for data, want := range map[string]string{
		"\x80\x02cposix\nsystem\nq\x00X\x02\x00\x00\x00idq\x01\x85q\x02Rq\x03.": "posix.system",
		"\x80\x02cnumpy\ndtype\n}\x85R.":                                        "a call that is not read",
		"\x80\x02cnumpy\ndtype\n}}}\x87R.":                                      "array of",
		"\x80\x02cnumpy\ndtype\nX\x02\x00\x00\x00O8K\x00K\x01\x87R.":            `array of "O8"`,
		"\x80\x09.":                      "protocol 9",
		"":                               "the file ends",
		"\x80\x02":                       "the file ends",
		"\x80\x02.":                      "a value is missing",
		"\x80\x02K\x01K\x01.":            "left over",
		"\x80\x02u.":                     "a mark is missing",
		"\x80\x02(.":                     "a value is missing",
		"\x80\x02h\x07.":                 "no value 7",
		"\x80\x02}K\x01a.":               "a key and a value",
		"\x80\x02]K\x01K\x02s.":          "no keys",
		"\x80\x02K\x01K\x02a.":           "no list",
		"\x80\x02X\xff\xff\xff\xffa.":    "the file ends",
		"\x80\x02X\x01\x00\x00\x00\xff.": "no UTF-8",
		"\x80\x02\x8a\x09123456789.":     "9 bytes",
		"\x80\x02\x93.":                  "a value is missing",
		"\x80\x02i.":                     "operation 0x69",
	} {
		if v, err := Read([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, error %v, want %q", data, v, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x80\x04}\x94(\x8c\x01a\x94]\x94(K\x01Ju\x00\x00\x00eu."))
	f.Add([]byte("\x80\x04\x8c\x15numpy.core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x01\x85\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02i8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x08\x01\x00\x00\x00\x00\x00\x00\x00\x94t\x94b."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Read(data)
		if a, ok := v.(*Array); ok && err == nil {
			n := 1
			for _, s := range a.Shape {
				n *= s
			}
			if n != len(a.Values) && len(a.Shape) > 0 {
				t.Errorf("shape %v of %d values", a.Shape, len(a.Values))
			}
		}
	})
}
