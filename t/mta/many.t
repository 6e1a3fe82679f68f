#!/usr/bin/perl
# People with many domains: a signing and a key table of 100 000 lines and a
# key directory of 100 000 domains are ready in under a second (an index only);
# keys are read, checked and asked for when their domain first sends. At
# SCALE=1 there are 20 000 of each.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Time::HiRes 'time';
use POSIX ();
use Assay::Dir qw(spew slurp);
use Assay::Fetched qw(need);
use Assay::Milter;
use Assay::World;

need('knotd');
my $n = ($ENV{SCALE} // 1) >= 10 ? 100_000 : 20_000;
my $last = 'd' . ($n - 1) . '.example';
my $sanitized = `$ENV{top_builddir}/assayd -V 2>&1; nm $ENV{top_builddir}/assayd 2>&1` =~ /__[at]san_init/;
my $world = Assay::World->new(sign => ['d7.example', $last, 'elsewhere.example'],
    zones => { map { $_ => "\@ TXT x\n" } 'd7.example', $last, 'elsewhere.example' });
my $dir = $world->dir;
my $keys = $world->{keys};

# The keys that the tables name lie elsewhere.
my $other = $dir->dir('other');
rename "$keys/$_/testr.pem", "$other/$_.pem" or die "$_: $!" for 'd7.example', $last;
my ($key_table, $by_domain, $by_pattern) = ('', '', '');
for my $i (0 .. $n - 1) {
    my $name = "testr._domainkey.d$i.example";
    $key_table .= "$name d$i.example:testr:$other/d$i.example.pem\n";
    $by_domain .= "d$i.example $name\n";
    $by_pattern .= "*\@d$i.example $name\n";
    mkdir "$keys/d$i.example";
}
$by_pattern .= "boss*\@d7.example testr._domainkey.d7.example\n";
my %table = (
    domains => $dir->write('by_domain', $by_domain),
    patterns => 'refile:' . $dir->write('by_pattern', $by_pattern),
);
my $kt = $dir->write('key_table', $key_table);

# Processor time of a process, whatever else the machine has to do.
sub cpu {
    my ($pid) = @_;
    my @stat = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;
    return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub children { my @t = times; return $t[2] + $t[3] }

sub sent {
    my ($assayd, $domain) = @_;
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('localhost', '127.0.0.1', 4242);
    $m->helo('localhost');
    my @replies = $m->message(from => "<a\@$domain>", to => ['<b@far.example>'],
        data => "From: a\@$domain\r\nSubject: x\r\n\r\nhi\r\n", macros => { M => { i => "Q$domain" } });
    return join ' ', map { ($_->{value} // '') =~ s/\s+/ /gr } grep { ($_->{name} // '') eq 'DKIM-Signature' } @replies;
}

# That many directories of keys, none of which anybody manages.
my $plain = $world->assayd(NAME => 'plain');
sleep 5;
my $first = cpu($plain->{pid});
sleep 3;
my $idle = cpu($plain->{pid}) - $first;
diag sprintf '%d key directories: %.2f s of processor in the first 5 s, %.2f s in the next 3 s', $n, $first, $idle;
cmp_ok $first, '<', $sanitized ? 10 : 1, 'key directories cost little at start';
cmp_ok $idle, '<', $sanitized ? 3 : 0.4, 'and next to nothing later';
is $plain->stop_daemon(30), 0, 'ends well';

for my $kind (sort keys %table) {
    my $assayd = $world->assayd(signing_table => $table{$kind}, key_table => $kt, NAME => $kind);
    my $conf = $dir->path("$kind/assay.conf");
    my ($t, $c) = (time, children());
    my $out = `$ENV{top_builddir}/assayd -n -c $conf 2>&1`;
    my $took = children() - $c;
    is $?, 0, "$kind: the tables are good" or diag $out;
    diag sprintf '%s: %d lines of each table read and checked in %.2f s (%.2f s of processor)',
        $kind, $n, time - $t, $took;
    cmp_ok $took, '<', $sanitized ? 20 : 1, "$kind: in under a second";
    my $patterns = $kind eq 'patterns' ? 1 : 0;
    my $lines = $n + $patterns;
    my ($line) = $assayd->log_lines(qr/signing_table=/);
    like $line, qr/ lines=$lines patterns=$patterns .*keys=$n/, "$kind: counted at start";

    # All of it in the daemon: from SIGHUP to the new snapshot.
    ($t, $c) = (time, cpu($assayd->{pid}));
    $assayd->reload;
    ok $assayd->wait_log(qr/ reloaded /, 30), "$kind: reloaded";
    $took = cpu($assayd->{pid}) - $c;
    diag sprintf '%s: tables and %d key directories ready in %.2f s (%.2f s of processor)', $kind, $n, time - $t, $took;
    cmp_ok $took, '<', $sanitized ? 30 : 1, "$kind: in under a second";

    like sent($assayd, $last), qr/a=rsa-sha256; .*d=\Q$last\E; s=testr;/,
        "$kind: the first message of a domain is signed";
    like sent($assayd, 'd7.example'), qr/d=d7\.example; s=testr;/, "$kind: and of another";
    is sent($assayd, 'd8.example'), '', "$kind: but not without its key";
    like $assayd->log, qr/Qd8\.example: .*why="key testr of d8\.example is bad: [^"]*No such file/, "$kind: which is said";
    like sent($assayd, 'elsewhere.example'), qr/s=teste;.*s=testr;/, "$kind: one of the directory";
    is $assayd->stop_daemon(30), 0, "$kind: ends well" or diag $assayd->log;
}

# A bad line, at start and at a reload.
my $assayd = $world->assayd(signing_table => $table{domains}, key_table => $kt, NAME => 'bad');
spew($table{domains}, $by_domain . "x.example nokey\ny.example\n");
my $out = `$ENV{top_builddir}/assayd -n -c @{[$dir->path('bad/assay.conf')]} 2>&1`;
isnt $?, 0, 'a bad line';
like $out, qr/^\S*by_domain:@{[$n + 1]}: the key table has no key "nokey"\n\S*by_domain:@{[$n + 2]}: a key without a value\n\z/,
    'both with file and line';
$assayd->reload;
ok $assayd->wait_log(qr/reload_refused .*by_domain:@{[$n + 2]}: a key without/, 20), 'a reload says so';
like sent($assayd, 'd7.example'), qr/d=d7\.example/, 'and the tables from before stay';
spew($table{domains}, "a\@$last testr._domainkey.d7.example\n");
$assayd->reload;
ok $assayd->wait_log(qr/ reloaded /, 20), 'mended';
like sent($assayd, $last), qr/d=d7\.example/, 'and in use';
is $assayd->stop_daemon(30), 0, 'ends well';
# As many sections of the configuration.
my $sections = $dir->write('sections.conf', join '', "user = \"\"\n",
    map { "domain \"d$_.example\" { canonicalization = relaxed/simple }\n" } 0 .. $n - 1);
my $c = children();
$out = `$ENV{top_builddir}/assayd -n -c $sections 2>&1`;
is $?, 0, "$n domain sections are good" or diag $out;
diag sprintf '%d domain sections read and checked with %.2f s of processor', $n, children() - $c;

system 'rm', '-rf', $keys;    # faster than one by one
done_testing;
