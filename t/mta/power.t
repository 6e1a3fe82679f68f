#!/usr/bin/perl
# Least power: assayd is started by root, gives all of it up, and still reads
# its configuration again, rotates keys and has them published; no key stands
# in its memory as text; its publishing process does what it is told and no
# more, and ends when it ends. (t/unit/daemon_sandbox.c tries the walls.)
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use JSON::PP;
use Assay::Daemon;
use Assay::Dir qw(slurp spawn stop wait_for);
use Assay::Milter;

plan skip_all => 'not root' if $>;
my $user = 'proxy';    # an account of every Debian that owns nothing
my $uid = getpwnam $user;
my $tool = ($ENV{top_builddir} // '.') . '/assay';
my $dir = Assay::Dir->new;
my $home = $dir->dir('home');
chown $uid, -1, $home;
my $keys = $dir->dir('home/keys', 0700);
chown $uid, -1, $keys;
# A publisher notes what it got, and whether it is as it should be.
my $notes = $dir->dir('notes', 0700);
chown $uid, -1, $notes;
my $publisher = $dir->write('bin/publisher', "#!/bin/sh\ncat >> $notes/records\n"
    . "grep -E 'CapPrm|CapBnd|NoNewPrivs' /proc/self/status > $notes/status\nls -l /proc/self/fd > $notes/fds\n"
    . "echo done\n", 0755);
my $slow = $dir->write('bin/slow', "#!/bin/sh\necho \$\$ > $notes/slow\nexec sleep 60\n", 0755);
my %options = (authserv_id => 'mx.test.example', user => $user, log => 'stderr', key_dir => $keys,
    nameservers => ['127.0.0.1@9'], deadline => 1, require_published => 'no', publish_via => 'command', publish_command => $publisher,
    key_types => ['ed25519'], key_lifetime => 4, key_wait => 0, key_retire => 0, key_remove => 0);
my $assayd = Assay::Daemon->new($dir, socket => 'inet', options => \%options);
$assayd->wait_log(qr/start part=policy/, 20) or BAIL_OUT('assayd does not start: ' . $assayd->log);
my $sanitized = `nm $assayd->{program}` =~ /__(?:asan|tsan)_init/;

sub status_of {
    my ($path) = @_;
    return { slurp("$path/status") =~ /^(\w+):\s+(.*)$/mg };
}

# Its children: the publishing process.
sub children {
    my ($pid) = @_;
    return grep { (status_of("/proc/$_")->{PPid} // 0) == $pid } map { m{/(\d+)$} } glob '/proc/[0-9]*';
}

my ($no_landlock, $no_seccomp) = map { $assayd->log =~ /sandbox_missing why="$_/i ? 1 : 0 } qw(landlock seccomp);
my ($helper) = children($assayd->{pid});

# Every thread of the one that reads mail; the other but for the filter.
sub powerless {
    my ($when) = @_;
    my @threads = map { status_of($_) } glob "/proc/$assayd->{pid}/task/*";
    cmp_ok scalar @threads, '>', 3, "$when: threads";
    for my $s (@threads, status_of("/proc/$helper")) {
        my $who = $s->{Pid} == $helper ? 'publishing process' : "thread $s->{Pid}";
        my @wrong = grep { $s->{$_} !~ /^0+$/ } qw(CapInh CapPrm CapEff CapBnd CapAmb);
        is "@wrong", '', "$when: $who has no capability, and can get none";
        is $s->{Uid}, join("\t", ($uid) x 4), "$when: nor root";
        is $s->{NoNewPrivs}, 1, "$when: nor any by another program";
        is $s->{Seccomp}, $s->{Pid} == $helper || $no_seccomp ? 0 : 2, "$when: and system calls as they should be";
    }
    return;
}
powerless('at the start');
ok !-O "/proc/$assayd->{pid}/mem" || (stat "/proc/$assayd->{pid}/mem")[4] == 0, 'no debugger of the same user'
    unless $sanitized;
like slurp("/proc/$assayd->{pid}/limits"), qr/^Max core file size\s+0\s+0\s/m, 'no core dumps';
SKIP: {
    skip 'this kernel has less', 1 if $no_landlock || $no_seccomp;
    like $assayd->log, qr/start part=sandbox sandbox=yes landlock=\d+ seccomp=yes/, 'the log tells of the walls';
}

subtest 'rotation and publishing without root' => sub {
    my $out = `$tool keys init -c $assayd->{path}/assay.conf power.example 2>&1`;
    is $?, 0, 'assay keys init' or diag $out;
    ok $assayd->wait_log(qr/key_step .*step=generated .*by=assayd/, 30), 'assayd makes the second key by itself'
        or diag $assayd->log;
    ok $assayd->wait_log(qr/key_handed_over d=power\.example .*result=done said=done by=assayd/, 10), 'and has it published';
    my @records = map { decode_json($_) } split /\n/, slurp("$notes/records");
    ok((grep { $_->{action} eq 'publish' && $_->{value} =~ /^v=DKIM1; k=ed25519; p=/ } @records), 'the program got the record');
    is slurp("$notes/status"), "CapPrm:\t" . '0' x 16 . "\nCapBnd:\t" . '0' x 16 . "\nNoNewPrivs:\t1\n",
        'it has no power, either';
    my @fds = slurp("$notes/fds") =~ m{ (\d+) -> (?!/proc/|/dev/null|pipe:|\Q$notes\E)}g;
    is "@fds", '', 'nor a descriptor of ours' or diag slurp("$notes/fds");
};

my %fresh = (%options, publish_command => $slow, authserv_id => 'other.test.example');
subtest 'reload' => sub {
    my $n = () = $assayd->log =~ /reloaded config/g;
    kill 'STOP', $helper;    # it is late, and finds a file that was refused meanwhile
    $assayd->configure(%fresh);
    $assayd->reload;
    ok wait_for(sub { $n < (() = $assayd->log =~ /reloaded config/g) }, 10), 'without root';
    powerless('after a reload');
    my $outside = $dir->dir('elsewhere', 0755);
    chown $uid, -1, $outside;
    SKIP: {
        skip 'this kernel has no Landlock', 3 if $no_landlock;
        $assayd->configure(%options, key_dir => $outside);
        $assayd->reload;
        ok $assayd->wait_log(qr/reload_refused why="key_dir: \S+elsewhere lies outside of the sandbox .* restart takes it in"/, 10),
            'a directory unknown at the start is refused, with the reason' or diag $assayd->log;
        my $table = $dir->write('elsewhere/table', '');
        $assayd->configure(%options, key_table => $table, signing_table => $table);
        $assayd->reload;
        ok $assayd->wait_log(qr/reload_refused why=".*Permission denied.*" hint="what lies outside of the sandbox/, 10),
            'so is a table there' or diag $assayd->log;
        kill 'CONT', $helper;
        ok $assayd->wait_log(qr/key_handed_over \S+ .*result=retry said="\S+ is not what assayd has read: reload it"/, 30),
            'nothing is published as a refused file says' or diag $assayd->log;
    }
    kill 'CONT', $helper;
    $assayd->configure(%fresh);
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    my @replies = $m->message(from => '<a@plain.example>', to => ['<b@test.example>'],
        data => "From: a\@plain.example\r\n\r\nhi\r\n", macros => { E => { i => 'RELOADED' } });
    like +(grep { $_->{code} eq 'i' } @replies)[0]{value}, qr/^ other\.test\.example;/, 'the good one before them holds';
};

subtest 'keys in memory' => sub {
    my ($pem) = glob "$keys/power.example/*.pem";
    # The base64 of an Ed25519 key's own octets, not of what precedes them.
    my ($secret) = slurp($pem) =~ /^\S{24}(\S{30})/m ? $1 : slurp($pem) =~ /\n(\S{40,})\n/ ? substr($1, 22, 38) : '';
    cmp_ok length $secret, '>', 20, 'a key' or return;
    my $found = sub {
        my ($text) = @_;
        open my $mem, '<:raw', "/proc/$assayd->{pid}/mem" or return;
        my $hits = 0;
        for (split /\n/, slurp("/proc/$assayd->{pid}/maps")) {
            my ($from, $to) = /^(\w+)-(\w+) rw/ or next;
            no warnings 'portable';
            ($from, $to) = (hex $from, hex $to);
            next if $to - $from > 200e6;
            sysseek $mem, $from, 0 or next;
            sysread $mem, my $data, $to - $from or next;
            $hits += () = $data =~ /\Q$text\E/g;
        }
        return $hits;
    };
    SKIP: {
        skip 'a sanitizer keeps what was freed', 2 if $sanitized;
        cmp_ok $found->('power.example') // 0, '>', 0, 'its memory can be looked at';
        is $found->($secret), 0, 'no private key is there as text';
    }
};

subtest 'the publishing process' => sub {
    kill 'TERM', $helper;
    kill 'HUP', $helper;
    # The tool has its own publisher; the successor is assayd's affair.
    my $conf = $dir->write('tool.conf', slurp("$assayd->{path}/assay.conf") =~ s/\Q$slow\E/$publisher/r
        =~ s/^(?:key|signing)_table.*\n//mgr);
    my $out = `$tool keys init -c $conf slow.example 2>&1`;
    is $?, 0, 'another domain' or diag $out;
    ok wait_for(sub { slurp("$notes/slow") =~ /\d/ }, 40), 'signals do not end it, and it knows the new configuration'
        or diag $assayd->log;
    is scalar(children($assayd->{pid})), 1, 'there is one';
};

subtest 'the end' => sub {
    my ($program) = slurp("$notes/slow") =~ /(\d+)/;
    $assayd->kill_daemon;
    ok wait_for(sub { !-d "/proc/$helper" }, 10), 'killed: so ends the publishing process';
    ok wait_for(sub { !$program || !-d "/proc/$program" || status_of("/proc/$program")->{State} =~ /^Z/ }, 10),
        'and the program it ran';
    $assayd->configure(%options);
    $assayd->start;
    $assayd->wait_log(qr/reload_refused.*start part=policy/s, 20);
    ($helper) = children($assayd->{pid});
    kill 'KILL', $helper;
    ok $assayd->wait_log(qr/publisher_gone why="signal 9" effect=".* restarted"/, 10), 'its own end stands in the log';
    is $assayd->stop_daemon, 0, 'assayd ends well without it' or diag $assayd->log;
};

subtest 'sandbox = require, no' => sub {
    $assayd->configure(%options, sandbox => 'require');
    SKIP: {
        skip 'this kernel has less', 1 if $no_landlock || $no_seccomp;
        $assayd->start;
        ok $assayd->wait_log(qr/sandbox=require landlock=\d/, 20), 'require: it starts where there is one';
        is $assayd->stop_daemon, 0, 'and ends';
    }
    my $exposed = $dir->write('home/keys/publisher', "#!/bin/sh\n", 0755);
    $assayd->configure(%options, sandbox => 'require', publish_command => $exposed);
    my $log = $dir->path('exposed.log');
    my $pid = spawn(command => [$assayd->{program}, '-f', '-c', "$assayd->{path}/assay.conf"], log => $log);
    is stop($pid, 0, 10) >> 8, 1, 'it does not where a program lies among the keys';
    like slurp($log), qr/publisher is run as a publisher and lies in a directory that assayd writes to/, 'and says so';
    $assayd->configure(%options, sandbox => 'no');
    $assayd->start;
    ok $assayd->wait_log(qr/sandbox=no landlock=0 seccomp=no/, 20), 'no: the log tells';
    is status_of("/proc/$assayd->{pid}")->{Seccomp}, 0, 'no filter';
    is $assayd->stop_daemon, 0, 'ends well';
};
done_testing;
