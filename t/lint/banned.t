#!/usr/bin/perl
# What no source of ours does: calls that forget a length or a reentrancy,
# state shared between threads, conditionals outside the adapters, a default:
# that hides a forgotten enumerator.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(sources slurp code switches functions enumerators archive_files room_of);

# T7: none that makes a file under a name that can be guessed.
my $banned = join '|', qw(
    strtok strtok_r sscanf vsscanf fscanf scanf atoi atol atoll atof
    strcpy stpcpy strcat sprintf vsprintf strncpy strncat gets alloca
    popen system tmpnam tempnam mktemp rand srand random srandom drand48
    gethostbyname gethostbyaddr inet_addr inet_aton inet_ntoa
    localtime gmtime asctime ctime strerror
    tolower toupper isalpha isdigit isalnum isspace isprint isxdigit
    setjmp longjmp);

# In rooms that do no I/O and know no time, besides.
my $impure = join '|', qw(
    time gettimeofday clock_gettime nanosleep sleep usleep
    fopen open openat read write close fprintf printf puts fputs putchar
    perror syslog vsyslog getenv setenv exit _exit abort fork execv execve
    socket connect send recv getrandom RAND_bytes);

my %pure    = map { $_ => 1 } qw(mail dns authres dkim spf dmarc verdict policy);
my %core    = map { $_ => 1 } archive_files('libcore_a_SOURCES');
my %adapter = map { $_ => 1 } archive_files('libadapt_a_SOURCES');
my %ours    = enumerators();
my $top     = $ENV{top_srcdir} // '.';
my $build   = $ENV{top_builddir} // '.';

sub lines_of {
    my ($code, $pattern) = @_;
    my @lines;
    push @lines, 1 + (substr($code, 0, $-[0]) =~ tr/\n//) while $code =~ /$pattern/g;
    return @lines;
}

for my $file (sources(qr/\.[ch]$/, 'milter')) {
    my $code = code(slurp($file));
    my @wrong;
    my $say = sub {
        my ($pattern, $what) = @_;
        push @wrong, map { "line $_: $what" } lines_of($code, $pattern);
    };
    # A call, not a member of that name.
    while ($code =~ /(?<![\w.>])($banned)\s*\(/g) {
        push @wrong, 'line ' . (1 + (substr($code, 0, $-[0]) =~ tr/\n//)) . ": $1()";
    }
    if ($pure{ room_of($file) } && $core{$file}) {
        while ($code =~ /(?<![\w.>])($impure)\s*\(/g) {
            push @wrong, 'line ' . (1 + (substr($code, 0, $-[0]) =~ tr/\n//))
                . ": $1() in a room that does no I/O";
        }
    }
    $say->(qr/\btypedef\s+(?:struct|union|enum)\b/, 'a typedef that is no function type');
    $say->(qr/\btypedef\b(?![^;]*\()/, 'a typedef that is no function type');
    $say->(qr/\b(?:_Thread_local|thread_local|__thread)\b/, 'thread-local state');
    $say->(qr/\b_GNU_SOURCE\b/, 'GNU extensions');
    $say->(qr/\b_DEFAULT_SOURCE\b/, '_DEFAULT_SOURCE outside an adapter') unless $adapter{$file};
    # The guard of a header is its first conditional.
    my $skip = $file =~ /\.h$/ ? 1 : 0;
    my @ifs = lines_of($code, qr/^[ \t]*#[ \t]*if/m);
    push @wrong, map { "line $_: a conditional outside base/compat.h and the adapters" }
        @ifs[$skip .. $#ifs] unless $adapter{$file} || $file eq 'milter/base/compat.h';
    for my $switch (switches($code)) {
        my @enum = grep { $ours{$_} } @{ $switch->{labels} };
        push @wrong, 'line ' . (1 + (substr($code, 0, $switch->{offset}) =~ tr/\n//))
            . ": default: in a switch over $enum[0] and its like" if $switch->{default} && @enum;
    }
    ok !@wrong, "$file does nothing banned" or diag map { "$file: $_\n" } @wrong;
}

# Writable data, static or not, in a function or not: the objects know best.
my @objects = grep { my $o = $_; $o =~ s{^\Q$build\E/}{}; $o =~ s{/\w+-(\w+\.o)$}{/$1};
    $o =~ s/o$/c/; -f "$top/$o" } glob "$build/milter/*/*.o";
SKIP: {
    skip 'no objects built', 1 unless @objects;
    my $symbols = `nm -A @objects 2>/dev/null`;
    skip 'instrumented objects have data of their own', 1
        if $symbols =~ /__asan_|__sancov|__gcov|__tsan_/;
    my ($object, @data);
    for (`objdump -t @objects`) {
        $object = $1 if /^(\S+):\s+file format/;
        push @data, "$object: $2"
            if /\sO\s+(\.t?bss|\.t?data|\.data\.rel(?:\.local)?|\*COM\*)\s+\S+\s+(\S+)$/;
    }
    # libmilter gives a connection's first callback nothing of ours to go by,
    # and the kernel gives a signal handler nothing, nor has accept() anything.
    @data = grep { !m{/daemon/(?:mfi\.o: the_daemon|(?:\w+-)?shield\.o: the_shield|(?:\w+-)?signals\.o: (?:signal_pipe|last_words_log))$} } @data;
    ok !@data, 'no object has writable data' or diag map { "$_\n" } @data;
}
done_testing;
