#!/usr/bin/perl
# assayd as an init script starts it, without -f: what its parent says and when
# it ends, what it keeps of whoever started it, and its pid file.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Time::HiRes qw(sleep time);
use Assay::Dir qw(at_end listening ports running slurp spawn spew stop wait_for);
use Assay::Milter;

my $program = ($ENV{top_builddir} // '.') . '/assayd';
my $dir = Assay::Dir->new;
my $port = ports(3);
my $pid_file = $dir->path('run/assayd.pid');
my $keys = $dir->dir('keys', 0700);

sub conf {
    my ($name, %more) = @_;
    my %options = (socket => "inet:$port\@127.0.0.1", user => '', log => 'stderr', key_dir => $keys, pid_file => $pid_file,
        control_socket => $dir->path('run/control'), journal_dir => $dir->path('journal'), nameservers => '127.0.0.1@9', deadline => 1, %more);
    return $dir->write("$name.conf", join '', map { "$_ = \"$options{$_}\"\n" } sort keys %options);
}

# Exit status, output. It ends when nobody has the pipe any more: a daemon that
# keeps standard error makes it wait, ten seconds.
sub started {
    my ($file, @more) = @_;
    my $out = $dir->path('out');
    my $pid = spawn(log => $dir->path('shell'), command => ['/bin/sh', '-c', '"$0" -c "$@" 2>&1 | cat > ' . "$out; :", $program, $file, @more]);
    my $begun = time;
    my $status = stop($pid, 0, 10);
    my $took = time - $begun;
    return ($took, slurp($out));
}

# The same, with the exit status of the parent itself.
sub parent {
    my ($file) = @_;
    my $out = $dir->path('parent');
    unlink $out;
    my $pid = spawn(command => [$program, '-c', $file], log => $out);
    my $status = stop($pid, 0, 20);
    return (defined $status ? $status >> 8 : 'hangs', slurp($out));
}

# No more digits than a process has: kill would take more for -1, which is all.
sub pid { return slurp($pid_file) =~ /^([1-9]\d{0,8})\n\z/ ? $1 : 0 }

# It is nobody's child: a test that fails must not leave it.
at_end(sub { kill 'KILL', pid() if pid() && slurp('/proc/' . pid() . '/cmdline') =~ /\Q$dir->{path}\E/ });

# Its publishing process, too.
sub processes {
    my ($pid) = @_;
    return ($pid, grep { slurp("/proc/$_/stat") =~ /^\d+ \(.*\) \S (\d+)/ && $1 == $pid } map { m{(\d+)} } glob '/proc/[0-9]*');
}

# Whoever adopts it may be slow to bury it; its threads end after the first.
sub gone {
    my ($pid) = @_;
    return slurp("/proc/$pid/stat") !~ /^\d+ \(.*\) [^ZX]/ && (() = glob "/proc/$pid/task/*") <= 1;
}

sub ended {
    my ($pid) = @_;
    kill 'TERM', $pid;
    return wait_for(sub { gone($pid) }, 20);
}

# --- it is ready when its parent ends ---------------------------------------------

my $good = conf('good');
my ($took, $out) = started($good);
cmp_ok $took, '<', 9, 'nobody keeps the pipe it was started with' or diag $out;
my $pid = pid();
ok $pid && running($pid), 'it runs, and its pid file names it' or BAIL_OUT("no daemon: $out");
ok listening($port), '... it listens';
ok listening($dir->path('run/control')), '... and can be asked';
like $out, qr/ start part=policy /, '... it had told all of its start';
is sprintf('%04o', (stat $pid_file)[2] & 07777), '0644', '... anybody may read the pid file';
my @processes = processes($pid);
is scalar @processes, 2, 'there are two processes';
for my $p (@processes) {
    my @stat = slurp("/proc/$p/stat") =~ /^\d+ \(.*\) (.*)/s ? split / /, $1 : ();
    is $stat[4], 0, "$p: without a terminal";
    isnt $stat[3], (split / /, slurp("/proc/$$/stat"))[5], '... in a session of its own';
    is readlink("/proc/$p/cwd"), '/', '... in no directory that could be unmounted' if $p == $pid || readlink "/proc/$p/cwd";
    SKIP: {
        skip 'its descriptors are its own to see', 1 unless opendir my $d, "/proc/$p/fd";
        is join(' ', map { readlink("/proc/$p/fd/$_") // '' } 0 .. 2), '/dev/null /dev/null /dev/null', '... with nothing of its parent';
    }
}

# --- a second one --------------------------------------------------------------------

(my $status, $out) = parent($good);
is $status, 1, 'a second one is refused';
like $out, qr/^assayd: .*127\.0\.0\.1.*(?:in use|listens)/m, '... with the reason';
is pid(), $pid, '... the pid file is still that of the first';
ok listening($port), '... which serves';
($status, $out) = parent(conf('elsewhere', socket => 'inet:' . ($port + 1) . '@127.0.0.1', control_socket => $dir->path('run/control2')));
is $status, 1, '... so is one that would take its pid file';
like $out, qr/^assayd: pid_file \Q$pid_file\E: process $pid has it/m, '... with the reason';
is pid(), $pid, '... and leaves that';

# The next one may come while the first still has a message to finish.
my $m = Assay::Milter->new("inet:$port\@127.0.0.1");
$m->negotiate;
$m->connect('client.example', '203.0.113.9', 4242);
$m->mail('<a@plain.example>');
kill 'TERM', $pid;
ok wait_for(sub { !listening($port) }, 10), 'the first ends, and has a message under way';
is pid(), $pid, '... with its pid file';
($status, $out) = parent($good);
is $status, 0, '... a next one starts already' or diag $out;
my $next = pid();
isnt $next, $pid, '... its pid file is its own';
$m->header('From', ' a@plain.example');
$m->eoh;
like +($m->eom)[-1]{code}, qr/^[acd]$/, '... the first answers';
ok wait_for(sub { gone($pid) }, 20), '... and is gone';
is pid(), $next, '... and has not taken the pid file away';
push @processes, processes($next);
ok ended($next), 'SIGTERM ends it';
ok !-e $pid_file, '... and its pid file goes with it';
ok wait_for(sub { !grep { !gone($_) } @processes }, 10), '... and its publishing process';

# --- what others have left -----------------------------------------------------------

# The last of them is what the one before it left when it was killed.
for my $left ("4194399\n", "$$\n", "\n", 'garbage', "99999999999999999999\n", '') {
    spew($pid_file, $left) if $left;
    ($status, $out) = parent($good);
    (my $shown = $left) =~ s/\n/\\n/g;
    is $status, 0, "a pid file that holds \"$shown\" is taken over" or diag $out;
    isnt pid(), 0, '... by its own';
    next if $status || !pid();
    $pid = pid();
    kill 'KILL', $pid;
    ok wait_for(sub { gone($pid) }, 10), '... until it is killed';
}
is pid(), $pid, 'a pid file stays behind then';
unlink $pid_file;
spew($dir->path('precious'), 'text');
symlink $dir->path('precious'), $pid_file;
($status, $out) = parent($good);
is $status, 1, 'a pid file that is a link is refused';
like $out, qr/^assayd: pid_file \Q$pid_file\E: /m, '... with the reason';
is slurp($dir->path('precious')), 'text', '... and what it points to is left alone';
unlink $pid_file;
ok !listening($port), '... nobody listens';

is system("$program -c $good <&- >&- 2>&-") >> 8, 0, 'started with nothing open';
ok listening($port), '... it listens';
ok ended(pid()), '... until it is ended';

# --- it does not start -----------------------------------------------------------------

my @faults = (
    ['a bad configuration', { deadline => 'never' }, qr/bad\.conf:\d+: deadline: /],
    ['a directory that is not there', { pid_file => $dir->path . '/nowhere/pid' }, qr/^assayd: pid_file \S+nowhere\/pid: No such file/m],
    ['a socket that can not be', { socket => 'unix:' . $dir->path . '/nowhere/sock' }, qr/^assayd: .*nowhere\/sock/m],
    ['a metrics port in use', { metrics => 'inet:' . ($port + 2) . '@127.0.0.1' }, qr/^assayd: .*in use/m],
    ['a user that is none', { user => 'no-such-user' }, qr/no-such-user/],
    ['no public suffix list', { psl_file => $dir->path . '/nowhere/psl' }, qr/nowhere\/psl/],
    ['a trust anchor that is none', { trust_anchor_file => $dir->path . '/nowhere/anchor' }, qr/nowhere\/anchor/],
);
my $taken = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port + 2) or die "socket: $!";
for (@faults) {
    my ($name, $options, $why) = @$_;
    ($status, $out) = parent(conf('bad', %$options));
    is $status, 1, "$name: the parent says that it does not run";
    like $out, $why, '... and why';
    ok !listening($port) && !-e $pid_file, '... and nothing is left of it';
}

# --- a terminal -------------------------------------------------------------------------

SKIP: {
    skip 'no script(1)', 4 if system 'command -v script > /dev/null';
    my $typed = $dir->path('typed');
    my $shell = spawn(log => $typed, command => ['script', '-qec', "$program -c $good; echo said \$?; tty", '/dev/null']);
    is stop($shell, 0, 20), 0, 'a terminal can be closed behind it';
    like slurp($typed), qr/^said 0\r?$/m, '... its start was good' or diag slurp($typed);
    my ($tty) = slurp($typed) =~ m{^(/dev/pts/\d+)}m;
    my $p = pid();
    sleep 0.3;
    ok $p && running($p), '... and it goes on without';
    is join(' ', grep { (readlink("/proc/$_/fd/2") // '') eq ($tty // '?') } processes($p)), '', '... holding no end of it';
    ok ended($p), '... until it is ended';
}
done_testing;
