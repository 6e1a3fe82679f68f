package Assay::DNS;

# One question to a name server, in core Perl.
#
#   my $a = Assay::DNS::ask($port, 'example.com', 'TXT');
#   $a->{rcode}      # "NOERROR", "NXDOMAIN", "SERVFAIL" ...; undef: no answer
#   $a->{data}       # [ 'v=spf1 -all' ], of the records of the type asked for
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(inet_ntoa inet_ntop AF_INET6);

my %type  = (A => 1, NS => 2, CNAME => 5, SOA => 6, PTR => 12, MX => 15, TXT => 16, AAAA => 28);
my @rcode = qw(NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED);

sub wire_name {
    my ($name) = @_;
    return join('', map { chr(length) . $_ } grep { length } split /\./, $name) . "\0";
}

# (name, offset behind it); compression followed a bounded number of times.
sub read_name {
    my ($packet, $at) = @_;
    my ($end, @labels);
    for (1 .. 128) {
        my $n = ord substr $packet, $at, 1;
        if ($n >= 0xc0) {
            $end //= $at + 2;
            $at = unpack('n', substr $packet, $at, 2) & 0x3fff;
        } elsif ($n) {
            push @labels, substr $packet, $at + 1, $n;
            $at += 1 + $n;
        } else {
            return (join('.', @labels), $end // $at + 1);
        }
    }
    die "a name that does not end\n";
}

# The name and type of a query, lower case.
sub question {
    my ($packet) = @_;
    return if length $packet < 17;
    my ($name, $at) = eval { read_name($packet, 12) } or return;
    my ($number) = unpack 'n', substr $packet, $at, 2;
    my ($word) = grep { $type{$_} == $number } keys %type;
    return (lc $name, $word // "TYPE$number");
}

sub data {
    my ($packet, $type, $at, $length) = @_;
    my $rdata = substr $packet, $at, $length;
    return inet_ntoa($rdata) if $type eq 'A';
    return inet_ntop(AF_INET6, $rdata) if $type eq 'AAAA';
    return join '', unpack '(C/a)*', $rdata if $type eq 'TXT';
    return (read_name($packet, $at))[0] if $type =~ /^(?:NS|CNAME|PTR|SOA)$/;
    return unpack('n', $rdata) . ' ' . (read_name($packet, $at + 2))[0] if $type eq 'MX';
    return unpack 'H*', $rdata;
}

sub parse {
    my ($packet, $wanted) = @_;
    my ($id, $flags, $questions, $answers) = unpack 'n4', $packet;
    my $at = 12;
    $at = (read_name($packet, $at))[1] + 4 for 1 .. $questions;
    my @data;
    for (1 .. $answers) {
        $at = (read_name($packet, $at))[1];
        my ($number, undef, undef, $length) = unpack 'nnNn', substr $packet, $at, 10;
        push @data, data($packet, $wanted, $at + 10, $length) if $number == $type{$wanted};
        $at += 10 + $length;
    }
    return { rcode => $rcode[$flags & 15] // $flags & 15, data => \@data,
             truncated => $flags >> 9 & 1 };
}

sub exchange {
    my ($port, $query, $proto, $seconds) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
        Proto => $proto, Timeout => $seconds) or return;
    syswrite $s, ($proto eq 'tcp' ? pack 'n/a*', $query : $query) or return;
    my $select = IO::Select->new($s);
    my $in = '';
    while ($select->can_read($seconds)) {
        sysread $s, $in, 65535, length $in or return;
        return $in if $proto eq 'udp';
        return $1 if unpack('n', $in . "\0\0") <= length($in) - 2 && $in =~ /^..(.*)/s;
    }
    return;
}

sub ask {
    my ($port, $name, $type, %o) = @_;
    my $seconds = $o{seconds} // 5;
    my $query = pack('n6', $$ & 0xffff, 0x0100, 1, 0, 0, 0) . wire_name($name)
        . pack 'nn', $type{$type} // die("type $type"), 1;
    my $packet = $o{tcp} ? undef : exchange($port, $query, 'udp', $seconds);
    my $answer = defined $packet ? parse($packet, $type) : {};
    return $answer unless $o{tcp} || $answer->{truncated};
    $packet = exchange($port, $query, 'tcp', $seconds);
    return defined $packet ? { %{ parse($packet, $type) }, tcp => 1 } : {};
}

1;
