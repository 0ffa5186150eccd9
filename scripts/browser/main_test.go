package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp" // the maintained Chromium driver that only needs Go

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/site"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

const root = "../.."

var (
	zips     string          // directory of the zips for this machine, built once
	chromium context.Context // the browser, started once; each test has its own profile
)

func TestMain(m *testing.M) {
	if os.Getenv("BROWSERTEST") == "" {
		fmt.Println("SKIPPED: the page was not tried in a browser. `make test-browser` does that")
		return
	}
	path, err := findChromium()
	if err != nil {
		if os.Getenv("BROWSER_REQUIRED") == "1" {
			fmt.Fprintln(os.Stderr, "browser:", err)
			os.Exit(1)
		}
		fmt.Printf("\n!!! THE PAGE WAS NOT TRIED IN A BROWSER: %v\n\n", err)
		return
	}
	os.Exit(run(m, path))
}

func findChromium() (string, error) {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to its path")
}

func run(m *testing.M, path string) int {
	folder, err := os.MkdirTemp("", "cognito-authorizer-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if zips = os.Getenv("ZIPS"); zips == "" {
		zips = folder
		job, err := bundle.Sample(root, zips, bundle.Host())
		if job.Quick = true; err == nil {
			_, err = job.Build(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(folder+"/profile"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), // no request leaves this machine
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	defer stopAllocator()
	var stop context.CancelFunc
	chromium, stop = chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(chromium); err != nil {
		fmt.Fprintln(os.Stderr, "starting Chromium:", err)
		return 1
	}
	return m.Run()
}

// system is the local stack and the page at two origins.
type system struct {
	*stack.Stack
	pages *site.Pages
}

// start runs the system for one test. change may modify its options.
func start(t *testing.T, change func(*stack.Options)) *system {
	t.Helper()
	pages, err := site.ListenTwice("", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pages.Close(); err != nil {
			t.Error(err)
		}
	})
	o := stack.Options{
		Zips: zips, People: stack.SamplePeople(), TTL: gateway.DefaultTTL,
		AllowedOrigins: []string{pages.Cross.Origin()}, CallbackURLs: pages.CallbackURLs(),
	}
	if change != nil {
		change(&o)
	}
	s, err := stack.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := pages.Serve(root, s); err != nil {
		t.Fatal(err)
	}
	return &system{s, pages}
}

func (s *system) person(t *testing.T, name string) stack.Person {
	t.Helper()
	p, err := s.Person(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// patience is the time limit for each step in the browser.
const patience = 30 * time.Second
