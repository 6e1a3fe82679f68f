#!/usr/bin/perl
# Mail through three whole rotations of a pair of keys, in compressed time: a
# Postfix whose every message dkimpy verifies as it arrives and (a part of them
# in the large run) once more just before its key's retire time is over, by any
# cache of any name server. The
# selectors are slots, pointed by CNAME into a zone that takes TSIG updates;
# its second name server lags, is away for a while, and then for good; assayd
# is killed at any moment and started again. rotation-dated.t does the same with
# dated selectors in the domain's own zone, and overlap = sign-both.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use MIME::Base64;
use Time::HiRes qw(sleep time);
use Assay::Daemon;
use Assay::Dir qw(ports running slurp spawn stop wait_for);
use Assay::Fetched qw(need program library_path);
use Assay::Knot;
use Assay::Postfix;
use Assay::Sink;
use Assay::SMTP;
use Assay::Verifiers qw(python);
use Assay::World qw(mail_text);

need(qw(postfix knotd knsupdate));
plan skip_all => 'name servers listen on port 53: root' if $> != 0;
my $top = $ENV{top_srcdir} // '.';
my $tool = ($ENV{top_builddir} // '.') . '/assay';
my $dated = ($ENV{ROTATION} // '') eq 'dated';
my $full = ($ENV{SCALE} // 1) >= 10;
my $messages = $full ? 10_000 : 300;
my $every = $full ? 5 : 1;    # is verified twice
my $factor = $full ? 5 : 1;
my %time = (key_lifetime => 14, key_wait => 3, key_retire => 6, key_remove => 2, unreachable_after => 5);
$_ *= $factor for values %time;

# --- two name servers, on port 53 of addresses of our own ------------------------
my $dir = Assay::Dir->new;
my ($x, $y) = (1 + int rand 250, 1 + int rand 250);
my @address = map { "127.$x.$y.$_" } 1, 2;
my $secret = encode_base64(join('', map { chr int rand 256 } 1 .. 32), '');
my $soa = "\$TTL 1\n\@ SOA ns1.hosts.example. h.hosts.example. 1 3600 600 86400 1\n"
    . "\@ NS ns1.hosts.example.\n\@ NS ns2.hosts.example.\n";
my %zone = (
    'example'       => $soa,
    'hosts.example' => $soa . "ns1 A $address[0]\nns2 A $address[1]\n",
    'sign.example'  => $soa . join('', map { $dated ? () : "$_._domainkey CNAME $_.sign.example.keys.example.\n" }
        qw(key1 key2 ed1 ed2 ed3)),
    'keys.example'  => $soa,
);
my $primary = Assay::Knot->new($dir, name => 'primary', relay => 0, raw => \%zone,
    listen => ["$address[0]\@53"],
    extra => "key:\n  - id: rotation\n    algorithm: hmac-sha256\n    secret: $secret\n"
        . "acl:\n  - id: update\n    key: rotation\n    action: update\n"
        . "  - id: transfer\n    address: 127.0.0.0/8\n    action: transfer\n",
    zone_lines => { map { $_ => ['acl: [ update, transfer ]'] } keys %zone });
my $secondary = Assay::Knot->new($dir, name => 'secondary', relay => 0,
    raw => { map { $_ => undef } keys %zone }, listen => ["$address[1]\@53"],
    extra => "remote:\n  - id: primary\n    address: $address[0]\@53\n",
    zone_lines => { map { $_ => ['master: primary'] } keys %zone });

# Debian's nsupdate would do as well; this one came with the name server.
my $nsupdate = $dir->write('nsupdate', "#!/bin/sh\nLD_LIBRARY_PATH=" . library_path()
    . "\nexport LD_LIBRARY_PATH\nexec " . program('knsupdate') . " \"\$\@\"\n", 0755);
my $tsig = $dir->write('tsig', "hmac-sha256:rotation:$secret\n", 0600);

# --- assayd, Postfix, the verifier ---------------------------------------------------
my $keys = $dir->path('keys');
my %options = (authserv_id => 'mx.test.example', user => '', log => 'stderr',
    nameservers => ["127.0.0.1\@" . $primary->port], key_dir => $keys,
    $dated ? (key_overlap => 'sign-both') : (rsa_slots => ['key1', 'key2'],
        ed25519_slots => ['ed1', 'ed2', 'ed3'], key_target => '%s.%d.keys.example'),
    key_check_interval => 1,
    publish_via => 'nsupdate', publish_ttl => 1, nsupdate => $nsupdate, nsupdate_key => $tsig,
    nsupdate_server => "127.0.0.1\@" . $primary->port, %time);
my $assayd = Assay::Daemon->new($dir, socket => 'inet', options => \%options);
my $sink = Assay::Sink->new($dir);
my $mta = Assay::Postfix->new($dir, sink => $sink->port, milters => [$assayd->postfix_socket]);

sub keys_tool {
    my (@arguments) = @_;
    my $out = $dir->path('tool.out');
    my $pid = spawn(command => [$tool, 'keys', @arguments, '-c', "$assayd->{path}/assay.conf"], log => $out);
    my $status = stop($pid, 0, 60);
    my $said = slurp($out);
    unlink $out;
    return wantarray ? ($said, $status) : $said;
}

my ($said, $status) = keys_tool('init', 'sign.example');
is $status, 0, 'assay keys init' or diag $said;
if ($dated) {
    my ($r) = $said =~ /^(r\d{6})\._domainkey\.sign\.example\. 1 IN TXT/m;
    ok $r && $primary->control('zone-read', 'sign.example', "$r._domainkey", 'TXT'), 'has published by TSIG update';
} else {
    like $said, qr/^key1\._domainkey\.sign\.example\. 1 IN CNAME key1\.sign\.example\.keys\.example\.$/m,
        'it tells what the domain has to point where';
    ok $primary->control('zone-read', 'keys.example', 'key1.sign.example', 'TXT'), 'and has published by TSIG update';
}

# Two, since one is too slow for the large run.
my @verifiers = map {
    spawn(log => $dir->path("verified-$_"), command => [python("$top/t/oracle/dkim_live.py",
        "$dir->{path}/sink", "$_/2", $time{key_retire} - 2, $every, $time{key_retire} - 0.5, @address)]);
} 0, 1;

# The second name server is behind by a second or two.
my $refreshed = 0;
sub lag {
    return if time < $refreshed + 1.5;
    $refreshed = time;
    $secondary->control('zone-refresh', $dated ? 'sign.example' : 'keys.example');
    return;
}

sub actives {
    my ($log) = @_;
    my %n;
    $n{$1}++ while $log =~ /key_step d=sign\.example s=\S+ type=(\w+) step=active /g;
    return \%n;
}

wait_for(sub { lag(); my $n = actives($assayd->log); ($n->{rsa2048} // 0) && ($n->{ed25519} // 0) }, 20)
    or diag $assayd->log;
like $assayd->log, qr/step=active .*by=assayd/, 'both keys sign as soon as both servers show them';

# --- three rotations under mail --------------------------------------------------------
my ($kills, $phase, $outage) = (0, '', 0);
my $begin = time;
my $senders = $full ? 6 : 3;
my $per_second = $messages / ($time{key_lifetime} * 3.5) / $senders;
my $next_kill = time + 5 * $factor;

# One client of several: sends at its pace until it is told to end. assayd may
# be away; then it does as any client does, and tries again.
sub sender {
    my ($id) = @_;
    my ($sent, $refused, $client) = (0, 0, undef);
    until (-e $dir->path('enough')) {
        if ($sent >= (time - $begin) * $per_second) {
            sleep 0.02;
            next;
        }
        $client //= Assay::SMTP->new($mta->port);
        my $text = mail_text(from => 'Alice <alice@sign.example>', id => "$id-$sent", subject => "message $sent");
        my $reply = $client->deliver(from => 'alice@sign.example', to => 'x@far.example', data => $text);
        if ($reply =~ /^250/) {
            $sent++;
        } else {
            $refused++;
            $client->close;
            $client = undef;
            sleep 0.2;
        }
        Assay::Dir::spew($dir->path("sent-$id.tmp"), "$sent $refused");
        rename $dir->path("sent-$id.tmp"), $dir->path("sent-$id");
    }
    $client->quit if $client;
    return;
}

sub sent {
    my ($sent, $refused) = (0, 0);
    for my $id (1 .. $senders) {
        my ($s, $r) = split ' ', slurp($dir->path("sent-$id"));
        $sent += $s // 0;
        $refused += $r // 0;
    }
    return ($sent, $refused);
}

# The second server is away for a moment during the first rotation, for good
# from the third on.
sub trouble {
    my ($rotations) = @_;
    if ($rotations >= 1 && !$outage) {
        $outage = time;
        $secondary->pause;
        $phase = 'away';
    } elsif ($phase eq 'away' && time > $outage + 3 * $factor) {
        $secondary->resume;
        $phase = '';
    } elsif ($rotations >= 2 && $phase ne 'gone' && $phase ne 'away') {
        $phase = 'gone';
        $secondary->stop_server;
    }
    return;
}

# Killed as the kernel does it, in the midst of whatever it was doing.
sub kill_now {
    return if time < $next_kill;
    $next_kill = time + (5 + rand 5) * $factor;
    $kills++;
    $assayd->kill_daemon;
    $assayd->start;
    return;
}

my $rotations = 0;
my $limit = $begin + $time{key_lifetime} * 20;
my @senders = map { my $id = $_; spawn(code => sub { sender($id) }, log => $dir->path("sender-$id")) } 1 .. $senders;
while (time < $limit && ((sent())[0] < $messages || $rotations < 3)) {
    sleep 0.2;
    lag() if $phase eq '';
    kill_now();
    my $n = actives($assayd->log);
    my ($least) = sort { $a <=> $b } map { $n->{$_} // 0 } qw(rsa2048 ed25519);
    $rotations = $least - 1;
    trouble($rotations);
}
$dir->write('enough', '');
wait_for(sub { !grep { running($_) } @senders }, 60) or diag 'senders do not end';
my ($sent, $refused) = sent();
cmp_ok $rotations, '>=', 3, "three rotations of both keys ($kills kills, $refused refused and sent again)";
cmp_ok $sent, '>=', $messages, "$sent messages sent";
wait_for(sub { my @all = glob "$sink->{path}/*.eml"; @all >= $sent }, 60);
my @arrived = glob "$sink->{path}/*.eml";
cmp_ok scalar @arrived, '>=', $sent, 'all of them arrived';
spawn(command => ['/bin/sh', '-c', "touch $sink->{path}/end"], log => $dir->path('touch'));
wait_for(sub { !grep { running($_) } @verifiers }, 120) or diag 'the verifiers do not end';

# --- what the verifier says ---------------------------------------------------------------
my $verified = join '', map { slurp($dir->path("verified-$_")) } 0, 1;
my (%signatures, %selectors, %late, @failed);
for (split /\n/, $verified) {
    my ($file, $when, $selector, $result, $why) = split /\t/;
    $result //= '';
    $signatures{$when}{$file}++ if $result eq 'pass';
    $selectors{$selector}++ if $selector;
    $late{$when}++ if $result eq 'late';
    push @failed, $_ if $result eq 'fail';
}
is scalar @failed, 0, 'no signature failed' or diag join "\n", @failed[0 .. ($#failed < 20 ? $#failed : 20)];
for my $when (qw(first again)) {
    my $n = keys(%{ $signatures{$when} }) + ($late{$when} // 0);
    my $want = $when eq 'first' ? @arrived : int(@arrived / $every);
    cmp_ok abs($n - $want), '<=', 1, "$when: all $want were verified";
    # A busy machine verifies some when nothing is promised any more.
    cmp_ok $late{$when} // 0, '<', $want / 10, "$when: in time (late: " . ($late{$when} // 0) . ')';
    is scalar(grep { $_ < 2 } values %{ $signatures{$when} }), 0, "$when: by RSA and Ed25519";
}
if ($dated) {
    for my $line (qw(r e)) {
        my $n = grep { /^$line\d{6}[b-z]?$/ } keys %selectors;
        cmp_ok $n, '>=', 3, "a new selector each time ($line: $n)";
    }
    cmp_ok scalar(grep { $_ > 2 } values %{ $signatures{first} }), '>', 0, 'two keys signed at once through a change';
} else {
    is_deeply [sort keys %selectors], [qw(ed1 ed2 ed3 key1 key2)], 'every slot had its turn';
}
like $assayd->log, qr/step=silent .*silent=ns2\.hosts\.example/, 'the silent server was told of';

($said, $status) = keys_tool('list', '--json');
like $said, qr/"state": "active".*"signs": true/, 'assay keys list';
is $assayd->stop_daemon, 0, 'assayd ends well' or diag $assayd->log;
unlike $assayd->log, qr/^\S+ (?:key_store|key_refused|internal_error) /m, 'the store was never a riddle';
diag $assayd->log if !Test::More->builder->is_passing;
done_testing;
