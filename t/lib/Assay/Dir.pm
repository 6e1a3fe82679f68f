package Assay::Dir;

# A test's own corner of the machine: a private directory, ports nobody else
# has, processes that end with the test, and waits that end at all.
#
#   my $dir = Assay::Dir->new;               # removed at the end unless KEEP is set
#   my $port = ports(3);                     # three in a row, on loopback
#   my $pid = spawn(command => [...], log => $dir->path('log'));
#   wait_for(sub { -S $socket }, 5) or die;
#   stop($pid);                              # what is left is stopped at the end
#
# Tests may run in parallel: nothing here has a fixed name or number.
use strict;
use warnings;
use Carp;
use Exporter 'import';
use File::Path 'make_path';
use File::Temp ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(:signal_h :sys_wait_h setsid);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(ports spawn stop running wait_for at_end slurp spew listening);

my $BLOCK = 20;    # ports are given out in blocks

my $owner = $$;
my (@at_end, %running, @locks);

# A test that is interrupted cleans up like one that ends.
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';

END {
    my $status = $?;
    if ($$ == $owner) {
        $_->() for reverse @at_end;
        stop($_) for keys %running;
    }
    $? = $status;
}

sub new {
    my ($class) = @_;
    my $path = File::Temp::tempdir('assay-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
    # Sendmail and Postfix refuse what others may not enter.
    chmod 0755, $path or croak "$path: $!";
    print "# KEEP: $path\n" if $ENV{KEEP};
    return bless { path => $path }, $class;
}

# The absolute path of a name below the directory; its parents are made.
sub path {
    my ($self, $name) = @_;
    my $path = defined $name ? "$self->{path}/$name" : $self->{path};
    my ($parent) = $path =~ m{^(.*)/};
    make_path($parent);
    return $path;
}

sub dir {
    my ($self, $name, $mode) = @_;
    my $path = $self->path($name);
    make_path($path);
    chmod $mode, $path or croak "$path: $!" if defined $mode;
    return $path;
}

sub write {
    my ($self, $name, $text, $mode) = @_;
    my $path = $self->path($name);
    spew($path, $text);
    chmod $mode, $path or croak "$path: $!" if defined $mode;
    return $path;
}

sub spew {
    my ($path, $text) = @_;
    open my $fh, '>:raw', $path or croak "$path: $!";
    print {$fh} $text;
    close $fh or croak "$path: $!";
    return;
}

# The whole file, or the empty string when there is none.
sub slurp {
    my ($path) = @_;
    open my $fh, '<:raw', $path or return '';
    local $/;
    return scalar(<$fh>) // '';
}

# Runs code until it returns something true, and returns that; nothing after
# so many seconds.
sub wait_for {
    my ($code, $seconds) = @_;
    my $end = time + ($seconds // 10);
    for (;;) {
        my $value = $code->();
        return $value if $value;
        return if time > $end;
        sleep 0.01;
    }
}

# Does anybody accept connections on this port, or on this Unix socket?
sub listening {
    my ($where) = @_;
    my $s = $where =~ m{/} ? IO::Socket::UNIX->new(Peer => $where)
        : IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $where, Timeout => 1);
    close $s if $s;
    return $s ? 1 : 0;
}

# The wider of the two ranges that the kernel leaves alone: what it gives to
# outgoing connections could be taken at the wrong moment.
sub port_range {
    my ($low, $high) = slurp('/proc/sys/net/ipv4/ip_local_port_range') =~ /(\d+)\s+(\d+)/;
    ($low, $high) = (32_768, 60_999) unless $high;
    return $low - 5000 > 65_535 - $high ? (5000, $low - 1) : ($high + 1, 65_535);
}

sub is_free {
    my ($port) = @_;
    for my $proto (qw(tcp udp)) {
        my $s = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $port, Proto => $proto,
            $proto eq 'tcp' ? (Listen => 1, ReuseAddr => 1) : ()) or return 0;
        close $s;
    }
    return 1;
}

# The first of n consecutive ports that are free now and stay ours: a block is
# locked by an abstract socket, which the kernel drops when this test ends.
sub ports {
    my ($n) = @_;
    croak "ports: at most $BLOCK" if $n > $BLOCK;
    my ($first, $last) = port_range();
    my $blocks = int(($last - $first + 1) / $BLOCK);
    for my $i (0 .. $blocks - 1) {
        my $base = $first + $BLOCK * (($$ + $i) % $blocks);
        my $lock = IO::Socket::UNIX->new(Local => "\0assay-ports-$base", Listen => 1) or next;
        next if grep { !is_free($_) } $base .. $base + $n - 1;
        push @locks, $lock;
        return $base;
    }
    croak 'no free ports';
}

# Starts command => [program, ...] or code => sub in a child of ours; log =>
# FILE takes its output, env => { NAME => value } is added. Returns its pid.
sub spawn {
    my (%o) = @_;
    # A signal that comes early finds the child's dispositions, not ours.
    my ($signals, $before) = (POSIX::SigSet->new(SIGINT, SIGTERM, SIGHUP), POSIX::SigSet->new);
    sigprocmask(SIG_BLOCK, $signals, $before);
    my $pid = fork // croak "fork: $!";
    if ($pid) {
        $running{$pid} = 1;
        sigprocmask(SIG_SETMASK, $before);
        return $pid;
    }
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
    sigprocmask(SIG_SETMASK, $before);
    setsid();    # a ^C is for the test, which then stops us
    my $log = $o{log} // '/dev/null';
    open STDIN,  '<',  '/dev/null' or POSIX::_exit(126);
    open STDOUT, '>>', $log        or POSIX::_exit(126);
    open STDERR, '>&', \*STDOUT    or POSIX::_exit(126);
    STDOUT->autoflush;
    local %ENV = (%ENV, %{ $o{env} // {} });
    if ($o{code}) {
        eval { $o{code}->(); 1 } or print "$@";
        POSIX::_exit($@ ? 1 : 0);
    }
    { no warnings 'exec'; exec { $o{command}[0] } @{ $o{command} }; }
    print "$o{command}[0]: $!\n";
    POSIX::_exit(127);
}

sub running {
    my ($pid) = @_;
    if ($running{$pid} && waitpid($pid, WNOHANG) == $pid) {
        delete $running{$pid};
        return 0;
    }
    return kill 0, $pid;
}

# Sends the signal (TERM; 0 for none) and waits; what has not ended after so
# many seconds (5) is killed. Returns the wait status.
sub stop {
    my ($pid, $signal, $seconds) = @_;
    return unless $running{$pid};
    my $status;
    my $gone = sub {
        my $r = waitpid($pid, WNOHANG) or return 0;
        $status = $? if $r == $pid;
        delete $running{$pid};
        return 1;
    };
    kill $signal // 'TERM', $pid;
    if (!wait_for($gone, $seconds // 5)) {
        kill 'KILL', $pid;
        wait_for($gone, 5);
    }
    return $status;
}

# Code for the end of the test; what was registered last runs first.
sub at_end {
    my ($code) = @_;
    push @at_end, $code;
    return;
}

1;
