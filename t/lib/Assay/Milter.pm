package Assay::Milter;

# The MTA's side of the milter protocol (version 6), packet by packet: what no
# MTA would ever send can be sent, too.
#
#   my $m = Assay::Milter->new('inet:127.0.0.1:8895');   # or unix:/path
#   $m->negotiate; $m->connect('client.example', '192.0.2.7', 4242);
#   $m->helo('client.example');
#   my @replies = $m->message(from => '<a@x.example>', to => ['<b@y.example>'],
#       data => $octets, macros => { M => { i => 'QUEUEID' } });
#
# A reply is { code => 'c', payload => ... } with the code of the protocol; an
# edit also has what it says: { code => 'i', index, name, value }.
use strict;
use warnings;
use Carp;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes 'time';

# Codes that end the wait for a reply: accept, continue, discard, reject,
# skip, tempfail, reply code, shutdown, negotiation, connection failure.
my $final = qr/^[acdrsty4Of]$/;

# Every action and step both MTAs offer.
our ($ACTIONS, $STEPS) = (0x1ff, 0x1fffff);

# Steps the milter may decline (SMFIP_NO*, SMFIP_NR_*), by command.
my %no_send  = (C => 0x01, H => 0x02, M => 0x04, R => 0x08, B => 0x10, L => 0x20, N => 0x40,
                U => 0x100, T => 0x200);
my %no_reply = (L => 0x80, C => 0x1000, H => 0x2000, M => 0x4000, R => 0x8000, T => 0x10000,
                U => 0x20000, N => 0x40000, B => 0x80000);
my $LEADSPC = 0x100000;

sub new {
    my ($class, $where, %o) = @_;
    my $socket = $where =~ /^(?:unix|local):(.*)/
        ? IO::Socket::UNIX->new(Peer => $1)
        : $where =~ /^inet:(?:(\d+)\@([\d.]+)|([\d.]+):(\d+))$/
        ? IO::Socket::INET->new(PeerAddr => $2 // $3, PeerPort => $1 // $4)
        : croak "milter socket $where";
    croak "$where: $!" unless $socket;
    return bless { socket => $socket, in => '', timeout => $o{timeout} // 30,
                   macros => $o{macros} // {}, steps => 0, actions => 0 }, $class;
}

# Octets as they are, for packets no MTA makes.
sub raw {
    my ($self, $octets) = @_;
    my $at = 0;
    while ($at < length $octets) {
        my $n = syswrite $self->{socket}, $octets, length($octets) - $at, $at;
        return 0 unless $n;
        $at += $n;
    }
    return 1;
}

sub packet {
    my ($self, $code, $payload) = @_;
    return $self->raw(pack 'N/a*', $code . ($payload // ''));
}

# The next packet, or nothing when the milter hung up or takes too long.
sub reply {
    my ($self) = @_;
    my $select = IO::Select->new($self->{socket});
    my $end = time + $self->{timeout};
    while (length $self->{in} < 4 || length $self->{in} < 4 + unpack 'N', $self->{in}) {
        return if time > $end || !$select->can_read($end - time);
        sysread $self->{socket}, $self->{in}, 65536, length $self->{in} or return;
    }
    my ($packet) = unpack 'N/a*', $self->{in};
    substr $self->{in}, 0, 4 + length $packet, '';
    return decode($packet);
}

sub decode {
    my ($packet) = @_;
    my ($code, $payload) = unpack 'a a*', $packet;
    my %reply = (code => $code, payload => $payload);
    @reply{qw(index name value)} = unpack 'N Z* Z*', $payload if $code =~ /^[im]$/;
    @reply{qw(name value)} = unpack 'Z* Z*', $payload if $code eq 'h';
    $reply{text} = $payload =~ s/\0.*//sr if $code =~ /^[yq+\-e]$/;
    return \%reply;
}

# All packets up to the one that answers; edits and progress come first.
sub replies {
    my ($self) = @_;
    my @all;
    while (my $reply = $self->reply) {
        push @all, $reply;
        return @all if $reply->{code} =~ $final;
    }
    return (@all, { code => '', payload => '' });
}

# One command with its macros. Returns the code that answers: "c" where the
# milter wants no such command or gives no reply, "" where it hung up.
sub command {
    my ($self, $code, $payload) = @_;
    return 'c' if $self->{steps} & ($no_send{$code} // 0);
    my $macros = $self->{macros}{$code};
    $self->packet('D', $code . join '', map { "$_\0$macros->{$_}\0" } sort keys %$macros) if $macros;
    $self->packet($code, $payload) or return '';
    return 'c' if $self->{steps} & ($no_reply{$code} // 0);
    my @replies = $self->replies;
    $self->{last} = $replies[-1];
    return $replies[-1]{code};
}

sub negotiate {
    my ($self, %o) = @_;
    $self->packet('O', pack 'N3', $o{version} // 6, $o{actions} // $ACTIONS, $o{steps} // $STEPS);
    my $reply = $self->reply or return;
    croak "negotiation answered by $reply->{code}" if $reply->{code} ne 'O';
    (@{$self}{qw(version actions steps)}, my $rest) = unpack 'N3 a*', $reply->{payload};
    # Lists of macros by stage, as smfi_setsymlist makes them.
    while (length $rest) {
        (my ($stage, $list), $rest) = unpack 'N Z* a*', $rest;
        $self->{wants}{$stage} = [split ' ', $list];
    }
    return $self;
}

sub connect {
    my ($self, $host, $address, $port) = @_;
    my $family = !defined $address ? 'U' : $address =~ /:/ ? '6' : '4';
    return $self->command('C', $family eq 'U' ? "$host\0U"
        : "$host\0$family" . pack('n', $port // 4242) . "$address\0");
}

sub helo   { my ($self, $name) = @_;    return $self->command('H', "$name\0") }
sub mail   { my ($self, @args) = @_;    return $self->command('M', join '', map { "$_\0" } @args) }
sub rcpt   { my ($self, @args) = @_;    return $self->command('R', join '', map { "$_\0" } @args) }
sub data   { my ($self) = @_;           return $self->command('T') }
sub header { my ($self, $n, $v) = @_;   return $self->command('L', "$n\0$v\0") }
sub eoh    { my ($self) = @_;           return $self->command('N') }
sub body   { my ($self, $octets) = @_;  return $self->command('B', $octets) }
sub abort  { my ($self) = @_;           return $self->packet('A') }

# End of message: all replies, edits first, the verdict last.
sub eom {
    my ($self) = @_;
    my $macros = $self->{macros}{E};
    $self->packet('D', 'E' . join '', map { "$_\0$macros->{$_}\0" } sort keys %$macros) if $macros;
    $self->packet('E') or return { code => '', payload => '' };
    return $self->replies;
}

# A header field's value as an MTA hands it over: line ends LF, and without
# SMFIP_HDR_LEADSPC one blank fewer in front.
sub field {
    my ($self, $name, $value) = @_;
    $value =~ s/\r\n/\n/g;
    $value =~ s/^ // unless $self->{steps} & $LEADSPC;
    return $self->header($name, $value);
}

# A whole message in the order of the protocol, its body in chunks as both MTAs
# cut it. Ends at the first reply that is no "continue".
sub message {
    my ($self, %o) = @_;
    local $self->{macros} = { %{ $self->{macros} }, %{ $o{macros} // {} } };
    my ($header, $body) = $o{data} =~ /\A(.*?\r?\n)\r?\n(.*)\z/s ? ($1, $2) : ($o{data}, '');
    my @steps = (sub { $self->mail(ref $o{from} ? @{ $o{from} } : $o{from}) });
    push @steps, map { my $to = $_; sub { $self->rcpt($to) } } @{ $o{to} };
    push @steps, sub { $self->data };
    while ($header =~ /\G([^:\r\n]+):((?:[^\n]*\n)(?:[ \t][^\n]*\n)*)/g) {
        my ($name, $value) = ($1, $2);
        $value =~ s/\r?\n\z//;
        push @steps, sub { $self->field($name, $value) };
    }
    push @steps, sub { $self->eoh };
    for my $step (@steps) {
        my $code = $step->();
        return $self->{last} // { code => $code } if $code ne 'c';
    }
    for my $chunk (unpack '(a65535)*', $body) {
        my $code = $self->body($chunk);
        last if $code eq 's';
        return $self->{last} if $code ne 'c';
    }
    return $self->eom;
}

sub quit {
    my ($self) = @_;
    $self->packet('Q');
    return close delete $self->{socket};
}

1;
