package Assay::SMTP;

# A scripted SMTP client that sends exactly the octets it is told to.
#
#   my $c = Assay::SMTP->new($port, helo => 'client.example',
#       xclient => { ADDR => '192.0.2.7', LOGIN => 'alice' },   # Postfix
#       proxy   => 'TCP4 192.0.2.7 127.0.0.1 4242 25',           # HAProxy's line
#       auth    => ['alice', 'secret'], local => '127.0.0.9');
#   my $reply = $c->deliver(from => 'a@x.example', to => ['b@y.example'],
#       data => $message);                  # or chunks => [...] for BDAT
#   $c->command('RSET'); $c->quit;
#
# A reply is all its lines joined by "\n"; "" when the server hung up.
use strict;
use warnings;
use Carp;
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use MIME::Base64;
use Time::HiRes 'time';

our @EXPORT_OK = qw(crlf);

# A message for the wire: line ends CRLF, whatever they were.
sub crlf {
    my ($text) = @_;
    $text =~ s/\r?\n/\r\n/g;
    return $text;
}

sub new {
    my ($class, $port, %o) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 10,
        $o{local} ? (LocalAddr => $o{local}) : ()) or croak "port $port: $!";
    $socket->blocking(0);
    my $self = bless { socket => $socket, in => '', timeout => $o{timeout} // 30 }, $class;
    $self->put("PROXY $o{proxy}\r\n") if $o{proxy};
    $self->{greeting} = $self->reply;
    $self->hello($o{helo} // 'client.example') unless exists $o{helo} && !defined $o{helo};
    if ($o{xclient}) {
        my $attributes = join ' ', map { "$_=$o{xclient}{$_}" } sort keys %{ $o{xclient} };
        $self->{xclient} = $self->command("XCLIENT $attributes");
        $self->hello($o{helo} // 'client.example');
    }
    if ($o{auth}) {
        my $plain = encode_base64(join("\0", '', @{ $o{auth} }), '');
        $self->{auth} = $self->command("AUTH PLAIN $plain");
    }
    return $self;
}

sub hello {
    my ($self, $name) = @_;
    return $self->{ehlo} = $self->command("EHLO $name");
}

# Writes octets; false when the server has gone or takes too long.
sub put {
    my ($self, $octets) = @_;
    my $select = IO::Select->new($self->{socket});
    my $end = time + $self->{timeout};
    my $at = 0;
    while ($at < length $octets) {
        return 0 if time > $end || !$select->can_write($end - time);
        my $n = syswrite $self->{socket}, $octets, 65536, $at;
        return 0 if !defined $n && !$!{EAGAIN};
        $at += $n // 0;
    }
    return 1;
}

sub reply {
    my ($self) = @_;
    my $select = IO::Select->new($self->{socket});
    my $end = time + $self->{timeout};
    my $reply = qr/^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/;
    while ($self->{in} !~ $reply) {
        return '' if time > $end || !$select->can_read($end - time);
        my $n = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
        return '' if defined $n ? $n == 0 : !$!{EAGAIN};
    }
    $self->{in} =~ s/($reply)//;
    my $text = $1;
    $text =~ s/\r?\n/\n/g;
    chomp $text;
    return $text;
}

sub command {
    my ($self, $line) = @_;
    return $self->put("$line\r\n") ? $self->reply : '';
}

# The envelope alone. Returns the first reply that refuses, else the last.
sub envelope {
    my ($self, %o) = @_;
    my $from = $o{from} // '';
    my $parameters = $o{parameters} ? " $o{parameters}" : '';
    my $reply = $self->command("MAIL FROM:<$from>$parameters");
    for my $to (ref $o{to} ? @{ $o{to} } : $o{to}) {
        return $reply unless $reply =~ /^2/;
        $reply = $self->command("RCPT TO:<$to>");
    }
    return $reply;
}

sub stuff {
    my ($data) = @_;
    $data =~ s/^\./../mg;
    $data .= "\r\n" unless $data =~ /\r\n\z/ || $data eq '';
    return "$data.\r\n";
}

# One message. Returns the reply that ended it: to the message, or to the
# command that was refused.
sub deliver {
    my ($self, %o) = @_;
    my $reply = $self->envelope(%o);
    return $reply unless $reply =~ /^2/;
    return $self->send_chunks(@{ $o{chunks} }) if $o{chunks};
    $reply = $self->command('DATA');
    return $reply unless $reply =~ /^3/;
    return $self->put(stuff($o{data})) ? $self->reply : '';
}

sub send_chunks {
    my ($self, @chunks) = @_;
    my $reply = '';
    while (@chunks) {
        my $chunk = shift @chunks;
        my $last = @chunks ? '' : ' LAST';
        $self->put('BDAT ' . length($chunk) . "$last\r\n$chunk") or return '';
        $reply = $self->reply;
        last unless $reply =~ /^2/;
    }
    return $reply;
}

# Begins a message and hangs up in the middle of it.
sub hang_up_in_data {
    my ($self, %o) = @_;
    my $reply = $self->envelope(%o);
    $reply = $self->command('DATA') if $reply =~ /^2/;
    $self->put($o{data}) if $reply =~ /^3/;
    $self->close;
    return $reply;
}

sub quit {
    my ($self) = @_;
    my $reply = $self->command('QUIT');
    $self->close;
    return $reply;
}

sub close {
    my ($self) = @_;
    close delete $self->{socket} if $self->{socket};
    return;
}

1;
