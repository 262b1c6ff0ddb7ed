package docblocks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// block is a code block of a page: between fences, or indented by four blanks or more.
type block struct {
	file  string // from the top folder
	line  int    // of the first line in the file
	lang  string // behind the opening fence
	lines []string
}

func (b block) place() string { return fmt.Sprintf("%s:%d", b.file, b.line) }
func (b block) text() string  { return strings.Join(b.lines, "\n") + "\n" }

const indent = "    "

// blocksOf returns the blocks of a page. An indented line that no blank line, heading or
// block precedes belongs to the paragraph above; that is an error, since a reader of
// the source takes it for code.
func blocksOf(file, page string) (blocks []block, err error) {
	lines := strings.Split(page, "\n")
	blank := true
	for i := 0; i < len(lines); {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "```"):
			b := block{file: file, line: i + 2, lang: strings.TrimPrefix(line, "```")}
			for i++; i < len(lines) && lines[i] != "```"; i++ {
				b.lines = append(b.lines, lines[i])
			}
			if i == len(lines) {
				return nil, fmt.Errorf("%s: the fence is not closed", b.place())
			}
			blocks, blank = append(blocks, b), true
			i++
		case strings.HasPrefix(line, indent) && !blank:
			return nil, fmt.Errorf("%s:%d: neither block nor text: %q has no blank line above", file, i+1, line)
		case strings.HasPrefix(line, indent):
			b := block{file: file, line: i + 1}
			deep := line[:len(line)-len(strings.TrimLeft(line, " "))]
			for ; i < len(lines) && strings.HasPrefix(lines[i], indent); i++ {
				b.lines = append(b.lines, strings.TrimPrefix(lines[i], deep))
			}
			blocks, blank = append(blocks, b), true
		default:
			blank = strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
			i++
		}
	}
	return blocks, nil
}

// comment is what a shell leaves out at the end of a line.
var comment = regexp.MustCompile(`(^|\s+)#.*$`)

// commands returns the commands of a block of them, without comments, and their lines.
func (b block) commands() (texts []string, lines []int) {
	for i, line := range b.lines {
		if line = comment.ReplaceAllString(line, ""); strings.TrimSpace(line) != "" {
			texts, lines = append(texts, strings.TrimSpace(line)), append(lines, b.line+i)
		}
	}
	return texts, lines
}

// inline matches code within text.
var inline = regexp.MustCompile("`([^`\n]+)`")

func top() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// pages returns the pages whose blocks are executed: name and content.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(top(), "docs", "*.md"))
	if err != nil || len(names) < 5 {
		t.Fatalf("%d pages: %v", len(names), err)
	}
	names = append(names, filepath.Join(top(), "README.md"), filepath.Join(top(), "CONTRIBUTING.md"))
	out := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rel, err := filepath.Rel(top(), name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(rel)] = string(b)
	}
	return out
}

func TestBlocksOf(t *testing.T) {
	page := "# A\n\ntext\n\n    one # c\n    two\n\n- item:\n\n      three > x#y\n\n```go\na :=  1\n\n    b\n```\nend\n"
	got, err := blocksOf("p", page)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if c, lines := got[0].commands(); fmt.Sprint(c, lines) != "[one two] [5 6]" {
		t.Error(c, lines)
	}
	if c, _ := got[1].commands(); fmt.Sprint(c) != "[three > x#y]" {
		t.Error(c)
	}
	if got[2].lang != "go" || got[2].text() != "a :=  1\n\n    b\n" || got[2].place() != "p:13" {
		t.Errorf("%+v", got[2])
	}
	for _, page := range []string{"text\n    code\n", "```\nopen"} {
		if _, err := blocksOf("p", page); err == nil {
			t.Errorf("%q: no error", page)
		}
	}
}
