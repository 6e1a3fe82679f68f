package Assay::BadDNS;

# A name server in front of another that goes wrong when told to.
#
#   my $bad = Assay::BadDNS->new($dir, $knot->port);
#   nameservers => ['127.0.0.1@' . $bad->port]
#   $bad->mode('silent');
#
# pass      answers are the other's
# silent    none comes
# servfail  SERVFAIL to all
# garbage   a datagram of random octets, one that is too short, one with
#           another number, one to another question
# truncated UDP says to come by TCP, and TCP accepts and says nothing
# late      the answer comes, after 3 s
# port      the answer comes, from another port
# gone      nobody listens
# tarpit    none comes for names with a label "tar"; for those with a label
#           "slow", 2.5 s after it was first asked; all others pass
use strict;
use warnings;
use Carp;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes 'time';
use Assay::DNS;
use Assay::Dir qw(ports spawn slurp spew listening wait_for);

my $LATE_S = 3;
my $SLOW_S = 2.5;

sub new {
    my ($class, $dir, $upstream) = @_;
    my $port = ports(1);
    my $self = bless { port => $port, upstream => $upstream, file => $dir->path("bad-dns-$port") }, $class;
    $self->mode('pass');
    $self->{pid} = spawn(log => "$self->{file}.log", code => sub { $self->serve });
    wait_for(sub { listening($port) }, 10) or croak "port $port: nobody listens";
    return $self;
}

sub port { return $_[0]{port} }

sub mode {
    my ($self, $mode) = @_;
    spew("$self->{file}.new", $mode);
    rename "$self->{file}.new", $self->{file} or croak "$self->{file}: $!";
    return;
}

sub opened {
    my ($self) = @_;
    my @at = (LocalAddr => '127.0.0.1', LocalPort => $self->{port});
    $self->{udp} = IO::Socket::INET->new(@at, Proto => 'udp') or die "udp: $!";
    $self->{tcp} = IO::Socket::INET->new(@at, Listen => 9, ReuseAddr => 1) or die "tcp: $!";
    return;
}

sub header {
    my ($query, $flags) = @_;
    my (undef, $at) = Assay::DNS::read_name($query, 12);
    return substr($query, 0, 2) . pack('n5', $flags, 1, 0, 0, 0) . substr $query, 12, $at + 4 - 12;
}

sub query {
    my ($self, $mode, $query, $peer) = @_;
    my $udp = $self->{udp};
    my $exchange = sub { Assay::DNS::exchange($self->{upstream}, $query, 'udp', 1) // '' };
    my ($name, $type) = $mode eq 'tarpit' ? Assay::DNS::question($query) : ('', '');
    return if $name =~ /(?:^|\.)tar\./;
    if ($name =~ /(?:^|\.)slow\./) {
        my $due = $self->{asked}{"$name $type"} //= time + $SLOW_S;
        push @{ $self->{late} }, [$due, $exchange->(), $peer];
    } elsif ($mode eq 'pass' || $mode eq 'tarpit') {
        send $udp, $exchange->(), 0, $peer;
    } elsif ($mode eq 'servfail') {
        send $udp, header($query, 0x8182), 0, $peer;
    } elsif ($mode eq 'truncated') {
        send $udp, header($query, 0x8380), 0, $peer;
    } elsif ($mode eq 'garbage') {
        my $true = $exchange->();
        my $elsewhere = $true;
        substr $elsewhere, 13, 1, chr(1 ^ ord substr $true, 13, 1);
        send $udp, $_, 0, $peer for join('', map { chr int rand 256 } 1 .. 300), 'x',
            pack('n', 1 ^ unpack 'n', $query) . substr($true, 2), $elsewhere;
    } elsif ($mode eq 'late') {
        push @{ $self->{late} }, [time + $LATE_S, $exchange->(), $peer];
    } elsif ($mode eq 'port') {
        my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or return;
        send $other, $exchange->(), 0, $peer;
    }
    return;
}

sub serve {
    my ($self) = @_;
    my @kept;
    $self->opened;
    for (;;) {
        my $mode = slurp($self->{file});
        if ($mode eq 'gone') {
            delete @{$self}{qw(udp tcp)};
            select undef, undef, undef, 0.02;
            next;
        }
        $self->opened unless $self->{udp};
        for my $s (IO::Select->new(@{$self}{qw(udp tcp)})->can_read(0.02)) {
            if ($s == $self->{tcp}) {
                push @kept, $s->accept;
                next;
            }
            my $peer = recv $s, my $query, 600, 0;
            $self->query($mode, $query, $peer) if defined $peer && length $query > 16;
        }
        while (@{ $self->{late} // [] } && $self->{late}[0][0] < time) {
            my (undef, $answer, $peer) = @{ shift @{ $self->{late} } };
            send $self->{udp}, $answer, 0, $peer;
        }
    }
}

1;
