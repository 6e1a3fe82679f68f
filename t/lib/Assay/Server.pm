package Assay::Server;

# A small server in a child process: many connections, one select loop.
#
#   Assay::Server->start(
#       listen => $port or '/path/of/a/socket',
#       open   => sub { my ($c) = @_; $c->{out} .= "220 hello\r\n" },
#       input  => sub { my ($c) = @_; consume $c->{in}, append to $c->{out} },
#   );
#
# A connection is a hash the callbacks may keep things in; setting its key
# "close" ends it when all output is written. extra => [[handle, sub], ...] are
# served by the same loop.
use strict;
use warnings;
use Carp;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Assay::Dir qw(spawn stop);

sub listener {
    my ($where) = @_;
    my $socket;
    if ($where =~ m{/}) {
        unlink $where;
        $socket = IO::Socket::UNIX->new(Local => $where, Listen => 128);
        chmod 0666, $where;
    } else {
        $socket = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $where, Listen => 128, ReuseAddr => 1);
    }
    return $socket // croak "$where: $!";
}

# Bound before the child starts: whoever comes next can connect at once.
sub start {
    my ($class, %o) = @_;
    my $listener = listener($o{listen});
    my $pid = spawn(log => $o{log}, code => sub { serve($listener, %o) });
    close $listener;
    return bless { pid => $pid }, $class;
}

sub stop_server {
    my ($self) = @_;
    return stop($self->{pid});
}

sub serve {
    my ($listener, %o) = @_;
    my $select = IO::Select->new($listener);
    my %connection;
    my %extra = map { $_->[0] => $_->[1] } @{ $o{extra} // [] };
    $select->add($_->[0]) for @{ $o{extra} // [] };
    for (;;) {
        for my $fh ($select->can_read) {
            if ($extra{$fh}) {
                $extra{$fh}->();
            } elsif ($fh == $listener) {
                my $new = $listener->accept or next;
                my $c = $connection{$new} = { fh => $new, in => '', out => '' };
                $select->add($new);
                $o{open}->($c) if $o{open};
                flush_output($c);
            } else {
                my $c = $connection{$fh};
                my $n = sysread $fh, $c->{in}, 65536, length $c->{in};
                $o{input}->($c) if $n;
                flush_output($c) if $n;
                next if $n && !$c->{close};
                $select->remove($fh);
                delete $connection{$fh};
                close $fh;
            }
        }
    }
}

# Replies are small: a peer that reads none of them only hurts itself.
sub flush_output {
    my ($c) = @_;
    while (length $c->{out}) {
        my $n = syswrite $c->{fh}, $c->{out};
        return unless $n;
        substr $c->{out}, 0, $n, '';
    }
    return;
}

1;
