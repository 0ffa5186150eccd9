package local

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// picture is the README's picture of a terminal. Its text is that of a run; UPDATE_DOCS=1 draws it anew:
//
//	UPDATE_DOCS=1 go test -run TestThePictureOfTheREADMEIsOfARealRun ./scripts/local
const picture = root + "/docs/images/run.svg"

func TestThePictureOfTheREADMEIsOfARealRun(t *testing.T) {
	lines := sessionOfPicture(t)
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(picture, draw(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	shown := textOf(t, content)
	for i := range max(len(lines), len(shown)) {
		var got, want string
		if i < len(lines) {
			want = normal(lines[i])
		}
		if i < len(shown) {
			got = normal(shown[i])
		}
		if got != want {
			t.Errorf("line %d of docs/images/run.svg is not that of a run (UPDATE_DOCS=1 draws it anew):\n  picture: %s\n  run:     %s", i+1, got, want)
		}
	}
}

// sessionOfPicture returns what a terminal shows of a run with a few calls, with the default ports instead of free ones.
func sessionOfPicture(t *testing.T) []string {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	backend := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(backend.Close)
	backend.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}\n")) })

	ctx, cancel := context.WithCancel(t.Context())
	var out, stderr syncBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- command(ctx, &out, &stderr, "run", "--root", root, "--contract", orders, "--backend", backend.URL,
			"--listen", "127.0.0.1:0", "--cognito-listen", "127.0.0.1:0")
	}()
	defer func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit code %d\n%s", code, stderr.String())
		}
	}()
	out.await(t, "Ctrl-C ends it all.")
	printed, _, _ := strings.Cut(out.String(), "\nMachine ") // after it come a client's secret, and commands to paste
	first := func(pattern string) string {
		t.Helper()
		m := regexp.MustCompile(`(?m)` + pattern).FindStringSubmatch(printed)
		if m == nil {
			t.Fatalf("no %s in\n%s", pattern, printed)
		}
		return m[1]
	}
	r := startedRun{stderr: &stderr}
	r.API, r.Endpoint, r.WebClientID = first(`^The API +(\S+)`), first(`^Cognito +(\S+)`), first(`web client (\w+)`)
	r.Passwords = map[string]string{}
	for _, name := range []string{"alice", "staff"} {
		r.Passwords[name] = first(` ` + name + ` +(Local-\S+)`)
	}
	alice, staff := r.token(t, "alice"), r.token(t, "staff")
	for _, c := range []struct{ method, path, token, line string }{
		{"GET", "/status", "", "public"},
		{"GET", "/orders", "", "no bearer token"},
		{"GET", "/orders", alice, "denied: needs"},
		{"GET", "/orders", staff, "allowed"},
		{"GET", "/orders/7", staff, "cached"},
		{"DELETE", "/orders/7", staff, "needs scope orders/write and group managers"},
		{"GET", "/orders", staff[:len(staff)-6] + "AAAAAA", "refused: signature"},
	} {
		r.call(t, c.method, c.path, c.token)
		stderr.await(t, c.line)
	}
	lines := []string{"$ cognito-authorizer run --contract openapi.yaml --backend http://127.0.0.1:3000"}
	lines = append(lines, strings.Split(strings.TrimRight(printed, "\n"), "\n")...)
	lines = append(lines, "…")
	for line := range strings.Lines(stderr.String()) {
		if regexp.MustCompile(`^\d\d:\d\d:\d\d `).MatchString(line) {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	ports := strings.NewReplacer(hostOf(r.API), "127.0.0.1:8080", hostOf(r.Endpoint), "127.0.0.1:9229")
	for i, line := range lines {
		lines[i] = strings.TrimRight(ports.Replace(line), " ")
	}
	return lines
}

func hostOf(url string) string {
	_, host, _ := strings.Cut(url, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// differing are the parts of a line that differ from run to run.
var differing = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d\d:\d\d:\d\d`), "TIME"}, {regexp.MustCompile(`[\d.,]+ m?s\b`), "TOOK"}, {regexp.MustCompile(`127\.0\.0\.1:\d+`), "HOST"},
	{regexp.MustCompile(`Local-[a-z0-9]+-\d`), "PASSWORD"}, {regexp.MustCompile(`eu-west-1_\w+`), "POOL"}, {regexp.MustCompile(`\b[a-z0-9]{20,}\b`), "ID"},
	{regexp.MustCompile(` +`), " "},
}

func normal(line string) string {
	for _, d := range differing {
		line = d.pattern.ReplaceAllString(line, d.name)
	}
	return line
}

// Sizes in pixels, and colours of GitHub's dark theme, which are readable on a page of either theme.
const (
	charWidth, lineHeight, margin = 7.25, 18, 16
	background, foreground        = "#0d1117", "#e6edf3"
	green, red, faint, prompt     = "#3fb950", "#ff7b72", "#8b949e", "#79c0ff"
)

var statusAt = regexp.MustCompile(`^\d\d:\d\d:\d\d .* (\d{3}) (?:cached|      ) `)

// draw returns a picture of a terminal.
func draw(lines []string) []byte {
	columns := 0
	for _, line := range lines {
		columns = max(columns, len([]rune(line)))
	}
	width, height := int(float64(columns)*charWidth)+2*margin, len(lines)*lineHeight+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="cognito-authorizer run, and one line for each of seven calls">
<rect width="100%%" height="100%%" rx="8" fill="%s"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12" fill="%s">
`, width, height, width, height, background, foreground)
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve" style="white-space: pre">%s</text>`+"\n", margin, margin+(i+1)*lineHeight-5, coloured(line))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// coloured returns a line as SVG, in the colours that a terminal shows.
func coloured(line string) string {
	span := func(colour, text string) string {
		return fmt.Sprintf(`<tspan fill="%s">%s</tspan>`, colour, html.EscapeString(text))
	}
	if command, ok := strings.CutPrefix(line, "$ "); ok {
		return span(prompt, "$") + " " + html.EscapeString(command)
	}
	at := statusAt.FindStringSubmatchIndex(line)
	if at == nil {
		return html.EscapeString(line)
	}
	colour := map[bool]string{true: green, false: red}[line[at[2]] == '2']
	if strings.HasSuffix(line, " public") {
		colour = faint
	}
	return html.EscapeString(line[:at[2]]) + span(colour, line[at[2]:at[3]]) + html.EscapeString(line[at[3]:])
}

// textOf returns the lines of a picture.
func textOf(t *testing.T, picture []byte) []string {
	t.Helper()
	var lines []string
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	inText := false
	for {
		token, err := decoder.Token()
		if token == nil {
			if len(lines) == 0 {
				t.Fatalf("the picture has no text: %v", err)
			}
			return lines
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "text" {
				inText = true
				lines = append(lines, "")
			}
		case xml.EndElement:
			inText = inText && e.Name.Local != "text"
		case xml.CharData:
			if inText {
				lines[len(lines)-1] += string(e)
			}
		}
	}
}

func TestAPictureHasTheTextOfItsLines(t *testing.T) {
	lines := []string{"$ run <x> & \"y\"", "", "12:00:00  staff          GET /orders                          200 cached   0.5 ms  allowed"}
	if got := textOf(t, draw(lines)); !slices.Equal(got, lines) {
		t.Errorf("%q", got)
	}
	if !strings.Contains(string(draw(lines)), green) {
		t.Error("the status is not green")
	}
}
