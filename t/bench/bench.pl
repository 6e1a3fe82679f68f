#!/usr/bin/perl
# What a message costs: assayd, a null milter and others on the same mail, in
# turn, in a network of their own.
#
#   make bench                      # what RESULTS.md shows
#   bench.pl [--rounds N] [--messages N] [WORK]...
#
# WORK: verify, ttl0, sign, tcp, slow, memory, idle; all when none is named.
# Each contender runs the whole work alone, round after round in turn; the
# figures are medians over the rounds, and ratios are taken within a round.
# Needs root (a network namespace of its own), and what contrib/fetch --bench
# unpacked.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";
use Contenders;
use Corpus;
use Assay::Dir;
use Assay::Knot;
use Assay::Fetched qw(program);
use Getopt::Long;

my ($rounds, $messages) = (5, 300);
my @arguments = @ARGV;
GetOptions('rounds=i' => \$rounds, 'messages=i' => \$messages) or exit 2;

# A network where 127.0.0.1:53 is ours, and a /dev/log nobody else reads.
if (!$ENV{ASSAY_BENCH_INSIDE}) {
    $ENV{ASSAY_BENCH_INSIDE} = 1;
    exec 'unshare', '-nm', $^X, $0, @arguments or die "unshare: $!\n";
}
my $build = $ENV{top_builddir} // '.';
my $dir = Assay::Dir->new;
system('ip link set lo up') == 0 or die "no loopback\n";
$dir->write('resolv.conf', "nameserver 127.0.0.1\n");
system('mount --bind ' . $dir->path('resolv.conf') . ' /etc/resolv.conf') == 0 or die "no resolv.conf\n";
Contenders::syslog($dir);
$| = 1;

sub median {
    my @v = sort { $a <=> $b } grep { defined } @_;
    return $v[@v / 2];
}

sub drive {
    my ($c, $index, %o) = @_;
    my @command = ("$build/t/bench/drive", map({ ('-s', $_) } $c->sockets), map({ ('-p', $_) } $c->pids),
        '-n', $o{n} // $messages, '-c', $o{c} // 8, '-w', $o{w} // $messages,
        $o{g} ? ('-g', $o{g}) : (), $o{r} ? ('-r', $o{r}) : (), $o{i} ? ('-i', $o{i}) : (), $index);
    my $said = qx(@command);
    my %r = $said =~ /(\w+)=([\d.]+)/g;
    die "$c->{name}: $said\n" . $c->log if !$r{messages} || $r{failed};
    return { %r, rss => $c->memory('VmRSS'), peak => $c->memory('VmHWM') };
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

# A table of medians, each with its ratio to the null milter of the same round.
sub table {
    my ($title, $all, $names, @columns) = @_;
    print "\n### $title\n\n| | ", join(' | ', map { $_->[0] } @columns), " |\n|---", '|---' x @columns, "|\n";
    for my $name (@$names) {
        my @cells;
        for my $column (@columns) {
            my ($label, $value, $format) = @$column;
            my @v = map { $value->($all->{$name}[$_], $all, $_) } 0 .. $#{ $all->{$name} };
            push @cells, defined median(@v) ? sprintf $format // '%.2f', median(@v) : '';
        }
        print "| $name | ", join(' | ', @cells), " |\n";
    }
    return;
}

sub value { my ($key) = @_; return sub { $_[0]{$key} } }

# The same against another contender of the same round.
sub ratio {
    my ($key, $other) = @_;
    return sub {
        my ($r, $all, $round) = @_;
        my $base = $all->{$other} && $all->{$other}[$round]{$key};
        return $base ? $r->{$key} / $base : undef;
    };
}

sub rate { return $_[0]{messages} / $_[0]{seconds} }

my %corpora;

sub corpus {
    my ($name, %o) = @_;
    return $corpora{$name} //= Corpus->make($dir->dir("corpus-$name"), cli => "$build/t/oracle/dkim_cli",
        messages => $messages, %o);
}

# Runs code with a name server for this corpus; MS makes it a far one.
sub with_dns {
    my ($corpus, $ms, $code) = @_;
    my $dns = Assay::Knot->new($dir, name => 'knot' . rand, zones => $corpus->{zones}, relay => 0,
        port => $ms ? 5353 : 53);
    my $delay = $ms ? Assay::Dir::spawn(command => ["$build/t/bench/delay", 53, 5353, $ms]) : undef;
    $code->();
    Assay::Dir::stop($delay) if $delay;
    $dns->stop_server;
    return;
}

sub one {
    my ($name, $corpus, $index, $start, %o) = @_;
    my $c = Contenders->start($name, $dir, corpus => $corpus, build => $build, %$start);
    my $r = drive($c, $index, %o);
    $c->end;
    return $r;
}

my @verifiers = ('null', grep { Contenders::have($_) } qw(opendkim chain assayd));

sub verify_table {
    my ($title, $corpus, %o) = @_;
    my @names = @{ $o{names} // \@verifiers };
    with_dns($corpus, 0, sub {
        my $all = rounds(\@names, $rounds, sub { one($_[0], $corpus, $corpus->{index}, {}) });
        table($title, $all, \@names,
            ['CPU ms', value('cpu_ms'), '%.3f'], ['x null', ratio('cpu_ms', 'null')],
            ['messages/s', \&rate, '%.0f'], ['p50 ms', value('p50_ms')], ['x null', ratio('p50_ms', 'null')],
            ['p95 ms', value('p95_ms')], ['RSS MB', value('rss'), '%.1f']);
    });
    return;
}

my %work = (
    verify => sub {
        my $corpus = corpus('mail');
        verify_table("Verify: $messages messages, mean $corpus->{bytes} octets, 8 connections, hot DNS", $corpus);
    },
    ttl0 => sub {
        my $corpus = corpus('ttl0', ttl => 0);
        verify_table('The same, every record with TTL 0', $corpus);
    },
    sign => sub {
        my $corpus = corpus('mail');
        my @names = ('null', grep { Contenders::have($_) } qw(opendkim rspamd assayd));
        my ($ms) = qx($build/t/bench/crypto $corpus->{keys}/d0.example.pem $corpus->{bytes}) =~ /sign_ms=([\d.]+)/;
        with_dns($corpus, 0, sub {
            my $all = rounds(\@names, $rounds,
                sub { one($_[0], $corpus, $corpus->{plain}, { sign => 1 }) });
            my $floor = sub {
                my ($r, $all, $round) = @_;
                return $r->{cpu_ms} / ($all->{null}[$round]{cpu_ms} + $ms);
            };
            table(sprintf('Sign: RSA-2048 (crypto alone: %.3f ms)', $ms), $all, \@names,
                ['CPU ms', value('cpu_ms'), '%.3f'], ['x (null + crypto)', $floor], ['messages/s', \&rate, '%.0f'],
                ['p50 ms', value('p50_ms')]);
        });
    },
    tcp => sub {
        my $corpus = corpus('mail');
        with_dns($corpus, 0, sub {
            my $all = rounds(\@verifiers, 3,
                sub { one($_[0], $corpus, $corpus->{index}, { tcp => 1 }, c => 1, n => 100) });
            table('TCP on loopback, one connection', $all, \@verifiers,
                ['p50 ms', value('p50_ms')], ['p95 ms', value('p95_ms')]);
        });
    },
    slow => sub {
        my $corpus = corpus('slow', domains => 300, messages => 300);
        with_dns($corpus, 50, sub {
            my @names = grep { $_ ne 'null' } @verifiers;
            my $all = rounds(\@names, 3,
                sub { one($_[0], $corpus, $corpus->{index}, {}, g => 100, n => 300, w => 0) });
            my $trips = sub { my ($key) = @_; return sub { $_[0]{$key} / 50 } };
            table('DNS at 50 ms, nothing cached, 100 ms between envelope and last dot (round trips)', $all, \@names,
                ['p50', $trips->('p50_ms')], ['p95', $trips->('p95_ms')]);
        });
    },
    memory => sub {
        my $corpus = corpus('mail');
        my %m;
        with_dns($corpus, 0, sub {
            for my $name (@verifiers) {
                my $c = Contenders->start($name, $dir, corpus => $corpus, build => $build);
                my $idle = $c->memory('VmRSS');
                my $after = drive($c, $corpus->{index}, n => 20_000, w => 0);
                my $peak = drive($c, $corpus->{index}, n => 5_000, w => 0, c => 64);
                $m{$name} = [{ idle => $idle, after => $after->{rss}, peak => $peak->{peak} }];
                $c->end;
            }
        });
        table('Memory, MB', \%m, \@verifiers, ['idle', value('idle'), '%.1f'],
            ['after 20 000 messages, 8 connections', value('after'), '%.1f'],
            ['peak at 64 connections', value('peak'), '%.1f']);
    },
    idle => sub {
        my $corpus = corpus('mail');
        my @names = grep { /^(?:null|assayd|opendkim)$/ } @verifiers;
        with_dns($corpus, 0, sub {
            my $all = rounds(\@names, 3, sub { one($_[0], $corpus, $corpus->{index}, {}, i => 1000) });
            table('Beside 1 000 idle connections', $all, \@names, ['CPU ms', value('cpu_ms')],
                ['x null', ratio('cpu_ms', 'null')], ['p50 ms', value('p50_ms')]);
        });
    },
);

for my $name (@ARGV ? @ARGV : qw(verify ttl0 sign tcp slow memory idle)) {
    ($work{$name} // die "no work called $name\n")->();
}
