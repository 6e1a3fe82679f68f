#!/usr/bin/perl
# What a message costs: assayd, a null milter and others on the same mail, in
# turn, in a network of their own.
#
#   make bench                        # tables on standard output
#   make bench-results                # all of it; writes RESULTS.md and plots
#   bench.pl [--rounds N] [--messages N] [--results DIR] [WORK]...
#
# WORK: verify, ttl0, sign, tcp, slow, memory, idle, growth; all when none is
# named. Each contender runs the whole work alone, round after round in turn;
# the figures are medians over the rounds, and ratios are taken within a
# round. Needs root (a network namespace of its own), and what contrib/fetch
# --bench unpacked.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";
use Contenders;
use Corpus;
use Plot;
use Report;
use Assay::Dir qw(spew);
use Assay::Knot;
use Getopt::Long;

my ($rounds, $messages, $results) = (5, 300);
my @arguments = @ARGV;
GetOptions('rounds=i' => \$rounds, 'messages=i' => \$messages, 'results=s' => \$results) or exit 2;

# A network where 127.0.0.1:53 is ours, and a /dev/log nobody else reads.
if (!$ENV{ASSAY_BENCH_INSIDE}) {
    $ENV{ASSAY_BENCH_INSIDE} = 1;
    exec 'unshare', '-nm', $^X, $0, @arguments or die "unshare: $!\n";
}
my $began = time;
my $build = $ENV{top_builddir} // '.';
my $dir = Assay::Dir->new;
my $report = Report->new($dir->path, $build);
system('ip link set lo up') == 0 or die "no loopback\n";
$dir->write('resolv.conf', "nameserver 127.0.0.1\n");
system('mount --bind ' . $dir->path('resolv.conf') . ' /etc/resolv.conf') == 0 or die "no resolv.conf\n";
Contenders::syslog($dir);
$| = 1;

sub drive {
    my ($c, $index, %o) = @_;
    my @command = ("$build/t/bench/drive", map({ ('-s', $_) } $c->sockets), map({ ('-p', $_) } $c->pids),
        '-n', $o{n} // $messages, '-c', $o{c} // 8, '-w', $o{w} // $messages,
        $o{g} ? ('-g', $o{g}) : (), $o{i} ? ('-i', $o{i}) : (), $index);
    $report->ran($c, @command);
    my $said = qx(@command);
    my %r = $said =~ /(\w+)=([\d.]+)/g;
    die "$c->{name}: $said\n" . $c->log if !$r{messages} || $r{failed};
    return { %r, rate => $r{messages} / $r{seconds}, rss => $c->memory('VmRSS'), peak => $c->memory('VmHWM') };
}

# Rounds over the contenders; {name} => [results].
sub rounds {
    my ($names, $n, $code) = @_;
    my %all;
    for my $round (1 .. $n) {
        push @{ $all{$_} }, $code->($_) for @$names;
    }
    return \%all;
}

my %corpora;

sub corpus {
    my ($name, %o) = @_;
    return $corpora{$name} //= Corpus->make($dir->dir("corpus-$name"), cli => "$build/t/oracle/dkim_cli",
        messages => $messages, keys => $dir->path('pool'), %o);
}

# Runs code with a name server for this corpus; MS makes it a far one.
sub with_dns {
    my ($corpus, $ms, $code) = @_;
    my $dns = Assay::Knot->new($dir, name => 'knot' . rand, raw => $corpus->{zones}, relay => 0,
        port => $ms ? 5353 : 53);
    my $delay = $ms ? Assay::Dir::spawn(command => ["$build/t/bench/delay", 53, 5353, $ms]) : undef;
    $code->();
    Assay::Dir::stop($delay) if $delay;
    $dns->stop_server;
    return;
}

sub start { my ($name, $corpus, %o) = @_; return Contenders->start($name, $dir, corpus => $corpus, build => $build, %o) }

sub one {
    my ($name, $corpus, $index, $start, %o) = @_;
    my $c = start($name, $corpus, %$start);
    my $r = drive($c, $index, %o);
    $c->end;
    return $r;
}

my @verifiers = ('null', grep { Contenders::have($_) } qw(opendkim chain rspamd assayd));

# What OpenSSL takes for a message of the corpus.
sub crypto {
    my ($corpus) = @_;
    return qx($build/t/bench/crypto $corpus->{keys}/d0.example.pem $corpus->{bytes}) =~ /(\w+_ms)=([\d.]+)/g;
}

# Each contender gets the corpus so often that a round takes a second or more:
# in less, how the threads happen to fall in step with the sender decides on p50.
sub often {
    my ($name) = @_;
    return n => ($name =~ /^(?:null|assayd)$/ ? 50 : 5) * $messages;
}

sub verify_work {
    my ($key, $title, $corpus, $n, @names) = @_;
    with_dns($corpus, 0, sub {
        my $all = rounds(\@names, $n, sub { one($_[0], $corpus, $corpus->{index}, {}, often($_[0])) });
        $report->table($key, $title, $all, \@names,
            ['CPU ms', 'cpu_ms', '%.3f'], ['x null', 'cpu_ms', '%.2f', 'null'],
            ['messages/s', 'rate', '%.0f', undef, 'more'], ['x chain', 'rate', '%.2f', 'chain', 'more'],
            ['p50 ms', 'p50_ms', '%.2f'], ['x null', 'p50_ms', '%.2f', 'null'],
            ['p95 ms', 'p95_ms', '%.2f'], ['RSS MB', 'rss', '%.1f']);
    });
    return;
}

# What a thing more of something costs; "points" are values of it.
sub growth {
    my ($key, $title, $names, $points, $prepare) = @_;
    my (%lines, %cells);
    for my $point (@$points) {
        my ($corpus, $start, %o) = $prepare->($point);
        with_dns($corpus, 0, sub {
            my %running = map { $_ => start($_, $corpus, %$start) } @$names;
            my $index = $start->{sign} ? $corpus->{plain} : $corpus->{index};
            my $all = rounds($names, 3, sub { drive($running{ $_[0] }, $index, n => 200, w => 50, %o) });
            $_->end for values %running;
            for my $name (@$names) {
                my $ms = Report::median(map { $_->{cpu_ms} } @{ $all->{$name} });
                $cells{$name}{$point} = $ms;
                push @{ $lines{$name} }, [$point || 1, $ms];
            }
        });
    }
    $report->growth($key, $title, $names, $points, \%cells);
    spew("$results/$key.svg", Plot::svg(title => $title, x => $key, y => 'CPU ms a message', lines => \%lines))
        if $results;
    return;
}

my %work = (
    verify => sub {
        my $corpus = corpus('mail');
        my %ms = crypto($corpus);
        verify_work('verify', "Verify SPF, DKIM, DMARC: $messages messages fifty times (others: five), mean $corpus->{bytes} octets, "
            . sprintf('8 connections, hot DNS (one RSA-2048 verification and hash alone: %.3f ms)',
                $ms{verify_ms} + $ms{hash_ms}), $corpus, $rounds, @verifiers);
    },
    ttl0 => sub {
        my $corpus = corpus('ttl0', ttl => 0);
        verify_work('ttl0', 'The same, every record with TTL 0', $corpus, 3, grep { $_ ne 'opendkim' } @verifiers);
    },
    sign => sub {
        my $corpus = corpus('mail');
        my @names = ('null', grep { Contenders::have($_) } qw(opendkim rspamd assayd));
        my $ms = {crypto($corpus)}->{sign_ms};
        with_dns($corpus, 0, sub {
            my $all = rounds(\@names, 3,
                sub { one($_[0], $corpus, $corpus->{plain}, { sign => 1 }, often($_[0])) });
            for my $round (0 .. 2) {
                my $floor = $all->{null}[$round]{cpu_ms} + $ms;
                $_->[$round]{sign_x} = $_->[$round]{cpu_ms} / $floor for values %$all;
            }
            $report->table('sign', sprintf('Sign with RSA-2048 (one signature alone: %.3f ms)', $ms), $all, \@names,
                ['CPU ms', 'cpu_ms', '%.3f'], ['x (null + signature)', 'sign_x', '%.2f'],
                ['messages/s', 'rate', '%.0f', undef, 'more'], ['p50 ms', 'p50_ms', '%.2f']);
        });
    },
    tcp => sub {
        my $corpus = corpus('mail');
        with_dns($corpus, 0, sub {
            my $all = rounds(\@verifiers, 5,
                sub { one($_[0], $corpus, $corpus->{index}, { tcp => 1 }, c => 1, n => 50, w => 20) });
            $report->table('tcp', 'TCP on loopback, one connection', $all, \@verifiers,
                ['p50 ms', 'p50_ms', '%.2f'], ['p95 ms', 'p95_ms', '%.2f']);
        });
    },
    slow => sub {
        my $corpus = corpus('slow', domains => 300, messages => 200);
        with_dns($corpus, 50, sub {
            my @names = grep { $_ ne 'null' } @verifiers;
            my $all = rounds(\@names, 3,
                sub { one($_[0], $corpus, $corpus->{index}, {}, g => 100, n => 200, w => 0) });
            for my $r (map { @$_ } values %$all) {
                $r->{"trips$_"} = $r->{"p${_}_ms"} / 50 for 50, 95;
            }
            $report->table('slow', 'DNS 50 ms away, nothing cached, 100 ms between envelope and content: '
                . 'round trips from the last dot on', $all, \@names, ['p50', 'trips50', '%.2f'],
                ['p95', 'trips95', '%.2f']);
        });
    },
    memory => sub {
        my $corpus = corpus('mail');
        my @names = grep { $_ ne 'opendkim' } @verifiers;
        my %m;
        with_dns($corpus, 0, sub {
            for my $name (@names) {
                my $own = $name =~ /^(?:null|assayd)$/;
                my $c = start($name, $corpus);
                my ($idle, $idle_own) = map { $c->memory($_) } qw(VmRSS RssAnon);
                my $after = drive($c, $corpus->{index}, n => $own ? 20_000 : 5000, w => 0);
                my $after_own = $c->memory('RssAnon');
                my $peak = drive($c, $corpus->{index}, n => $own ? 5_000 : 2000, w => 0, c => 64);
                $m{$name} = [{ idle => $idle, idle_own => $idle_own, after => $after->{rss}, after_own => $after_own, peak => $peak->{peak} }];
                $c->end;
            }
        });
        $report->table('memory', 'Memory resident, MB (of it not of files: code is shared with who else runs it)',
            \%m, \@names, ['idle', 'idle', '%.1f'], ['of it own', 'idle_own', '%.1f'],
            ['after 20 000 messages, 8 connections (others: 5 000)', 'after', '%.1f'], ['of it own', 'after_own', '%.1f'],
            ['peak of 5 000 at 64 connections (others: 2 000)', 'peak', '%.1f']);
    },
    # A gap, so that between envelope and content each session is idle, too.
    idle => sub {
        my $corpus = corpus('mail');
        my @names = grep { /^(?:null|assayd|opendkim)$/ } @verifiers;
        my %o = (g => 5, n => 200, w => 50);
        with_dns($corpus, 0, sub {
            my $all = rounds(\@names, 2, sub {
                my $without = one($_[0], $corpus, $corpus->{index}, {}, %o);
                my $with = one($_[0], $corpus, $corpus->{index}, {}, %o, i => 1000);
                return { %$with, without => $without->{cpu_ms}, added => $with->{cpu_ms} - $without->{cpu_ms} };
            });
            $report->table('idle', 'Beside 1 000 idle connections', $all, \@names,
                ['CPU ms without them', 'without', '%.2f'], ['CPU ms', 'cpu_ms', '%.2f'],
                ['added ms', 'added', '%.2f'], ['added, x null', 'added', '%.2f', 'null'],
                ['p50 ms', 'p50_ms', '%.2f']);
        });
    },
    growth => sub {
        my @names = grep { /^(?:null|opendkim|assayd)$/ } @verifiers;
        my %few = (domains => 8, messages => 20, fixed => 1, signatures => 1);
        growth('fields', 'Header fields besides the usual 13', \@names, [0, 30, 100, 300],
            sub { (corpus("fields$_[0]", %few, size => 8000, fields => $_[0]), {}) });
        growth('octets', 'Octets of the body', \@names, [2000, 20_000, 200_000, 2_000_000],
            sub { (corpus("octets$_[0]", %few, size => $_[0], $_[0] > 1e6 ? (messages => 4) : ()), {},
                $_[0] > 1e5 ? (n => 40, w => 10) : ()) });
        growth('signatures', 'Signatures of a message', \@names, [1, 2, 4, 8],
            sub { (corpus("signatures$_[0]", %few, size => 8000, signatures => $_[0]), {}) });
        growth('connections', 'Connections at once', \@names, [1, 8, 64, 256],
            sub { (corpus('mail'), {}, c => $_[0], n => 600) });
        growth('domains', 'Signing domains, each with a key', [grep { $_ ne 'null' } @names], [10, 100, 1000, 10_000],
            sub { (corpus('signing', %few, size => 8000), { sign => 1, domains => $_[0] }) });
    },
);

for my $name (@ARGV ? @ARGV : qw(verify ttl0 sign tcp slow memory idle growth)) {
    ($work{$name} // die "no work called $name\n")->();
}
spew("$results/RESULTS.md", $report->text(time - $began)) if $results;
