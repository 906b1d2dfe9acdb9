package work

import (
	"fmt"
	"net/url"
)

// CSource gives the tasks of a ready-made job in C: a function double task(double i,
// struct times *t). A test compares its results with those of Go.
func CSource(s Spec) string {
	port := "0"
	if u, err := url.Parse(s.URL); err == nil && u.Port() != "" {
		port = u.Port()
	}
	head := fmt.Sprintf("enum { n = %d, port = %s };\nstatic const long long size = %d;\n", s.N, port, s.Size)
	return head + cPrimes + cTasks[s.Kind]
}

// CTask gives a task of the user's, double task(double x), as CSource does.
func CTask(source string) string {
	return "#line 1 \"task\"\n" + source + "\n#define USER_TASK 1\n"
}

const cPrimes = `
static double primes(long long from, long long to) {
	long long count = 0;
	for (long long k = from < 2 ? 2 : from; k < to; k++) {
		int prime = 1;
		for (long long d = 2; d * d <= k; d++)
			if (k % d == 0) { prime = 0; break; }
		count += prime;
	}
	return (double)count;
}
`

var cTasks = map[string]string{
	"primes": `
static double ready_made(double i, struct times *t) {
	(void)t;
	return primes(size * (long long)i / n, size * ((long long)i + 1) / n);
}
`,
	"roots": `
#include <math.h>
static double ready_made(double i, struct times *t) {
	(void)t; (void)primes;
	double sum = 0;
	for (long long k = size * (long long)i / n; k < size * ((long long)i + 1) / n; k++)
		sum += sqrt((double)k);
	return sum;
}
`,
	"mandelbrot": `
static double ready_made(double i, struct times *t) {
	(void)t; (void)primes;
	const int most = 200;
	double ci = -1.25 + 2.5 * i / n;
	long long sum = 0;
	for (long long p = 0; p < size; p++) {
		double cr = -2 + 2.5 * (double)p / (double)size, zr = 0, zi = 0;
		int k = 0;
		while (k < most && zr * zr + zi * zi <= 4) {
			double next = zr * zr - zi * zi + cr;
			zi = 2 * zr * zi + ci;
			zr = next;
			k++;
		}
		sum += k;
	}
	return (double)sum;
}
`,
	"wait": cAsk + `
static double ready_made(double i, struct times *t) {
	(void)primes;
	return ask((int)i, t);
}
`,
	"mixed": cAsk + `
static double ready_made(double i, struct times *t) {
	return ask((int)i, t) + primes(0, size);
}
`,
}

// cAsk makes a request, and notes when it waits.
const cAsk = `
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static double ask(int i, struct times *t) {
	char text[512];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM, 0);
	t->wait = now();
	if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) != 0) { t->failed = 1; if (s >= 0) close(s); return 0; }
	int length = snprintf(text, sizeof text, "GET /?i=%d HTTP/1.0\r\nHost: localhost\r\n\r\n", i);
	size_t have = 0;
	if (write(s, text, (size_t)length) != length) t->failed = 1;
	for (ssize_t got; !t->failed && have < sizeof text - 1 && (got = read(s, text + have, sizeof text - 1 - have)) > 0;) have += (size_t)got;
	t->resume = now();
	close(s);
	text[have] = 0;
	char *body = strstr(text, "\r\n\r\n");
	if (!body) { t->failed = 1; return 0; }
	return atof(body + 4);
}
`

// CProgram is a whole program in C or C++. Descriptor 3 is memory that it shares with
// its parent: a CHead, then a CJob for each task. It has threads do those that have not
// ended. Times are those of CLOCK_MONOTONIC. A thread that dies of a signal, or calls
// exit, notes its task before. Source: sigaltstack(2), so that it can do so too where
// its stack is full.
func CProgram(task string) string {
	return cHead + task + cMain
}

const cHead = `
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <time.h>
#include <stdint.h>
struct times { int64_t start, wait, resume, end, thread, failed; };
static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
`

// A CHead stands at the beginning of the memory of a CProgram.
type CHead struct {
	Begun   int64 // when the first task could begin
	Culprit int64 // 1 + the task that the program died of; 0: not known
	_       [6]int64
}

// A CJob is what a CProgram is given of a task, and what it did.
type CJob struct {
	Input, Value                     float64
	Start, Wait, Resume, End, Thread int64
	Failed                           int64 // not 0: it has no value
}

const cMain = `
#line 1 "harness"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
struct head { int64_t begun, culprit, unused[6]; };
struct job { double input, value; struct times t; };
static struct head *head;
static struct job *jobs;
static long count, next_job;
static __thread struct job *mine;
static void note(void) {
	if (mine) head->culprit = mine - jobs + 1;
}
static void dying(int unused) { (void)unused; note(); }
static void *work(void *unused) {
	stack_t own;
	memset(&own, 0, sizeof own);
	own.ss_size = 65536;
	own.ss_sp = malloc(own.ss_size);
	if (own.ss_sp) sigaltstack(&own, NULL);
	long i;
	while ((i = __atomic_fetch_add(&next_job, 1, __ATOMIC_RELAXED)) < count) {
		struct job *j = &jobs[i];
		if (j->t.end) continue;
		j->t.thread = syscall(SYS_gettid);
		__atomic_store_n(&j->t.start, now(), __ATOMIC_RELEASE);
		mine = j;
#ifdef USER_TASK
		j->value = task(j->input);
#else
		j->value = ready_made(j->input, &j->t);
#endif
		mine = NULL;
		__atomic_store_n(&j->t.end, now(), __ATOMIC_RELEASE);
	}
	return unused;
}
int main(int argc, char **argv) {
	if (argc != 3) return 2;
	count = atol(argv[1]);
	long threads = atol(argv[2]);
	void *memory = mmap(NULL, sizeof *head + (size_t)count * sizeof *jobs, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	pthread_t *all = (pthread_t *)calloc((size_t)threads, sizeof *all);
	if (memory == MAP_FAILED || !all) return 3;
	head = (struct head *)memory;
	jobs = (struct job *)(head + 1);
	struct sigaction act;
	memset(&act, 0, sizeof act);
	act.sa_handler = dying;
	act.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND); // and the signal comes again
	int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) sigaction(deadly[i], &act, NULL);
	atexit(note);
	if (!head->begun) head->begun = now();
	for (long i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, work, NULL) != 0) return 5;
	for (long i = 0; i < threads; i++) pthread_join(all[i], NULL);
	return 0;
}
`
