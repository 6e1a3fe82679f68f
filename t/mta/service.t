#!/usr/bin/perl
# All that stands beside the mail, at once and inside of the sandbox: control
# socket, metrics, journal and watchdog under load, as root starts it and as
# the service user does, at a TCP and at a Unix socket; a configuration that is
# being written; a milter that hangs.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(uname);
use Socket qw(SOCK_DGRAM);
use Time::HiRes qw(sleep time);
use Assay::Daemon;
use Assay::Dir qw(ports slurp spawn spew stop wait_for);

plan skip_all => 'not root' if $>;
my $user = 'proxy';    # an account of every Debian that owns nothing
my ($uid, $gid) = (getpwnam $user)[2, 3];
my $top = $ENV{top_builddir} // '.';
my $messages = 3 * ($ENV{SCALE} // 1);
my $dir = Assay::Dir->new;
chmod 0755, "$dir";
my $program = $dir->write('bin/assayd', slurp("$top/assayd"), 0755);
my $as_user = $dir->write('bin/as-user',
    "#!/bin/sh\nexec setpriv --reuid $user --regid $user --clear-groups $program \"\$@\"\n", 0755);
my $sanitized = `nm $program` =~ /__(?:asan|tsan)_init/;

sub owned {
    my ($name, $mode) = @_;
    my $path = $dir->dir($name, $mode);
    chown $uid, $gid, $path;
    return "$path";
}

# What systemd would hear. WATCHDOG=1 each quarter of a second.
sub listener {
    my ($name) = @_;
    my $path = owned("$name-notify", 0755) . '/socket';
    my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die "$path: $!";
    chmod 0666, $path;
    $socket->blocking(0);
    my $heard = sub {
        my $all = '';
        while (defined $socket->recv(my $text, 4096)) { last if $text eq ''; $all .= "$text;" }
        return $all;
    };
    return ({ NOTIFY_SOCKET => $path, WATCHDOG_USEC => 1_000_000 }, $heard);
}

sub get {
    my ($port, $page) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or return '';
    print {$s} "GET $page HTTP/1.0\r\n\r\n";
    local $/;
    return scalar <$s> // '';
}

sub descriptors { return scalar(() = glob "/proc/$_[0]{pid}/fd/*") }

sub daemon_of {
    my ($name, $socket, $run, %more) = @_;
    owned($name, 0755);
    my ($env, $heard) = listener($name);
    my $port = ports(1);
    # Root may bind in a directory of root's, the service user only in its own.
    my $assayd = Assay::Daemon->new($dir, name => $name, socket => $socket, program => $run, env => $env, start => 0);
    if ($socket eq 'unix') { chown $uid, $gid, "$assayd->{path}/run" }
    my %options = (authserv_id => 'mx.test.example', user => $run eq $as_user ? '' : $user, log => 'stderr',
        nameservers => ['127.0.0.1@9'], deadline => 1, key_dir => owned("$name/keys", 0700),
        journal_dir => owned("$name/journal", 0700), journal_size => 1, journal_files => 4,
        sandbox => 'require', metrics => "inet:$port\@127.0.0.1", enforce => 'reject', %more);
    $assayd->configure(%options);
    $assayd->start;
    $assayd->wait_log(qr/start part=policy/, 20) or BAIL_OUT('assayd does not start: ' . $assayd->log);
    return ($assayd, $port, $heard);
}

# Numbers of its status, by "section key".
sub status {
    my ($assayd) = @_;
    my ($rc, $out) = $assayd->control('status', '--json');
    my ($journal) = $out =~ /"journal":\s*(\{[^}]*\})/;
    return ($rc, { ($journal // '') =~ /"(\w+)":\s*"?(\w+)"?/g });
}

sub under_load {
    my ($name, $socket, $run) = @_;
    my ($assayd, $port, $heard) = daemon_of($name, $socket, $run);
    like $assayd->log, qr/sandbox=require landlock=\d+ seccomp=yes/, 'in its sandbox';
    my $target = $assayd->{unix} // '127.0.0.1:' . $assayd->port;
    my $load = sub { return spawn(command => ["$top/t/tools/mload", '-s', $target, '-c', 8, '-m', $messages, '-b', 0],
            log => $dir->path("$name.load")) };
    my $pid = $load->();
    is stop($pid, 0, 60), 0, 'a load of mail' or diag slurp($dir->path("$name.load"));
    my $before = descriptors($assayd);
    $pid = $load->();
    my ($pages, $asked, $reloads, $said) = (0, 0, 0, '');
    for (1 .. 10) {
        $said .= $heard->();    # the kernel keeps ten
        $pages++ if get($port, '/metrics') =~ m{^HTTP/1.. 200 .*^assay_journal_writing 1$}ms;
        $pages++ if get($port, '/health') =~ m{^HTTP/1.. 200 }ms;
        $asked++ if (status($assayd))[0] == 0;
        $reloads++ if ($assayd->control('reload'))[0] == 0;
    }
    is "$pages $asked $reloads", '20 10 10', 'pages, status and reloads while it goes on' or diag $assayd->log;
    is stop($pid, 0, 60), 0, 'which all is answered' or diag slurp($dir->path("$name.load"));
    my ($now, $n);
    ok wait_for(sub { (undef, $now) = status($assayd); $now->{state} && !$now->{waiting} }, 10), 'its journal';
    $n = () = map { slurp($_) =~ /^\x1eA1 /mg } glob "$assayd->{path}/journal/*.journal";
    is "$now->{state} $now->{dropped}", 'writing 0', 'lost nothing';
    cmp_ok $now->{written}, '>', 0, "... wrote $now->{written}";
    is $n, $now->{written}, '... and has them on disk';
    ok wait_for(sub { descriptors($assayd) <= $before + 1 }, 5), 'no descriptor is left' or
        diag $before, ' ', descriptors($assayd);
    $said .= $heard->();
    like $said, qr/READY=1/, 'systemd hears that it serves';
    like $said, qr/RELOADING=1.*READY=1/s, 'reloads';
    like $said, qr/WATCHDOG=1/, 'and is alive';
    my ($rc, $out) = $assayd->control('drain');
    is $rc, 0, 'assay drain' or diag $out;
    is stop($assayd->{pid}, 0, 20), 0, 'ends it well' or diag $assayd->log;
    like $heard->(), qr/STOPPING=1/, 'as systemd hears';
    unlike $assayd->log, qr/sandbox_violation| internal_error |WARNING: |ERROR: /, 'no wall was touched';
    return;
}
subtest 'root starts it, TCP' => sub { under_load('root-tcp', 'inet', $program) };
subtest 'the service user starts it, Unix' => sub { under_load('user-unix', 'unix', $as_user) };

# assay, run as somebody: exit status, output.
my $tool = $dir->write('bin/assay', slurp("$top/assay"), 0755);
sub as {
    my ($who, $groups, @arguments) = @_;
    my ($u, $g) = (getpwnam $who)[2, 3];
    my $out = `setpriv --reuid $u --regid $g --$groups $tool @arguments 2>&1 </dev/null`;
    return ($? >> 8, $out);
}

sub owners {
    my ($path) = @_;
    my ($mode, $u, $g) = (lstat $path)[2, 4, 5];
    return sprintf '%04o %s:%s', $mode & 07777, scalar getpwuid $u, scalar getgrgid $g;
}

# Whoever starts it, with control_group or without.
sub who_may_ask {
    my ($name, $run, $owners, %more) = @_;
    my ($assayd) = daemon_of($name, 'inet', $run, %more);
    my $conf = "$assayd->{path}/assay.conf";
    is owners($assayd->control_socket), $owners, 'the control socket is whose the manual says';
    my $may_connect = defined $more{control_group};
    for my $verb (qw(status reload drain)) {
        my ($rc, $out) = as('nobody', 'clear-groups', $verb, '-c', $conf);
        is $rc, 3, "assay $verb as a stranger: no answer";
        is $out, "assay $verb: " . $assayd->control_socket . ': Permission denied: root and the service user may ask, '
            . "and members of control_group for the status\n", '... and why';
        next unless $may_connect;
        ($rc, $out) = as('nobody', 'groups=' . getgrnam($more{control_group}), $verb, '-c', $conf);
        is $rc, $verb eq 'status' ? 0 : 3, '... as a member of control_group';
        like $out, $verb eq 'status' ? qr/state +serving/
            : qr/\Aassay $verb: only root and the service user may ask this\n\z/, '... who looks and no more';
    }
    chmod 0640, $conf;
    my ($rc, $out) = as('nobody', 'clear-groups', 'drain', '-c', $conf);
    is "$rc $out", "3 assay drain: $conf: Permission denied\n", 'a configuration that he may not read names no other socket';
    chmod 0644, $conf;
    unlike $assayd->log, qr/reloaded|\bstop\b/, 'nothing has come of it';
    for my $who ('root', $user) {
        is +(as($who, 'clear-groups', 'status', '-c', $conf))[0], 0, "assay status as $who";
        ($rc, $out) = as($who, 'clear-groups', 'reload', '-c', $conf);
        is $rc, 0, '... assay reload' or diag $out;
    }
    is scalar(() = $assayd->log =~ /reloaded config/g), 2, 'two reloads were asked for';
    ($rc, $out) = as($user, 'clear-groups', 'drain', '-c', $conf);
    is $rc, 0, 'assay drain as the service user' or diag $out;
    is stop($assayd->{pid}, 0, 20), 0, '... ends it well' or diag $assayd->log;
    for my $verb (qw(status reload drain)) {
        ($rc, $out) = as('root', 'clear-groups', $verb, '-c', $conf);
        is $rc, 3, "assay $verb, when there is none: no answer";
        like $out, qr/\Aassay $verb: \S+control: (?:No such file|Connection refused)/, '... and why';
    }
    return;
}
subtest 'who may ask: root starts it' => sub { who_may_ask('ask-root', $program, "0600 $user:root") };
subtest 'who may ask: the service user starts it' => sub { who_may_ask('ask-user', $as_user, "0600 $user:$user") };
subtest 'who may ask: control_group' => sub { who_may_ask('ask-group', $program, "0660 $user:mail", control_group => 'mail') };

subtest 'a configuration that is being written' => sub {
    my ($assayd) = daemon_of('torn', 'unix', $as_user, sandbox => 'no');
    my $file = "$assayd->{path}/assay.conf";
    my $text = slurp($file);
    for my $i (1 .. 12) {    # truncated, then written, as an editor does it
        open my $h, '>', $file or die "$file: $!";
        kill 'HUP', $assayd->{pid};
        sleep 0.01 * $i;
        print {$h} $text;
        close $h;
        sleep 0.02;
    }
    ok wait_for(sub { ($assayd->control('reload'))[0] == 0 }, 10), 'is taken when it is whole' or diag $assayd->log;
    unlike $assayd->log, qr/reload_partial/, 'and never before';
    spew($file, '');
    my ($rc, $out) = $assayd->control('reload', '--socket', $assayd->control_socket);
    is $rc, 1, 'an empty one is refused' or diag $out;
    like $out, qr/assay\.conf: is empty/, 'and that is told';
    is $assayd->stop_daemon, 0, 'ends well';
};

# PTRACE_SEIZE and PTRACE_INTERRUPT stop one thread of many; it goes on when
# who held it ends.
subtest 'a milter that hangs' => sub {
    my $ptrace = { x86_64 => 101, aarch64 => 117 }->{ (uname())[4] } or plan skip_all => 'not known here';
    plan skip_all => 'a sanitizer traces' if $sanitized;
    my ($assayd, $port, $heard) = daemon_of('hung', 'inet', $program);
    my $hold = sub {
        my ($tid) = @_;
        my $pid = spawn(log => $dir->path('hold.log'), code => sub {
            syscall($ptrace, 0x4206, $tid, 0, 0) == 0 && syscall($ptrace, 0x4207, $tid, 0, 0) == 0 or die "ptrace: $!\n";
            print "held $tid\n";
            sleep 60;
        });
        wait_for(sub { slurp($dir->path('hold.log')) =~ /held $tid|ptrace/ }, 5);
        return $pid;
    };
    my $serves = sub {
        my $m = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $assayd->port) or return 0;
        print {$m} "\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff";
        $m->flush;
        vec(my $ready = '', fileno $m, 1) = 1;
        return select $ready, undef, undef, 0.3;
    };
    ok $serves->(), 'it serves';
    my $holder;
    for my $tid (sort { $a <=> $b } map { m{(\d+)$} } glob "/proc/$assayd->{pid}/task/*") {
        $holder = $hold->($tid);
        last unless $serves->();
        stop($holder, 'KILL');
        $holder = undef;
    }
    ok $holder, 'one of its threads listens for MTAs, and is held' or return diag slurp($dir->path('hold.log'));
    ok wait_for(sub { get($port, '/health/live') =~ /^HTTP\/1.. 503 .*live: milter/ms }, 10), 'the health page tells';
    my ($rc, $out) = $assayd->control('status');
    is $rc, 1, 'assay status' or diag $out;
    like $out, qr/hung.*milter/s, 'names it';
    $heard->();
    sleep 1;
    unlike $heard->(), qr/WATCHDOG=1/, 'and the watchdog is not fed';
    stop($holder, 'KILL');
    ok wait_for(sub { get($port, '/health/live') =~ /^HTTP\/1.. 200 / }, 10), 'let go, it lives';
    ok wait_for(sub { $heard->() =~ /WATCHDOG=1/ }, 5), 'and the watchdog is fed';
    is $assayd->stop_daemon, 0, 'it ends well' or diag $assayd->log;
};
done_testing;
