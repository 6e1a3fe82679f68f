package Assay::Sink;

# An SMTP server that accepts everything and keeps each message exactly as it
# was on the wire (dots unstuffed, line ends untouched).
#
#   my $sink = Assay::Sink->new($dir, extensions => ['8BITMIME', 'CHUNKING']);
#   ... deliver to port $sink->port ...
#   my ($message) = $sink->wait_messages(1);   # { data, envelope => [lines] }
use strict;
use warnings;
use Assay::Dir qw(ports wait_for slurp spew);
use Assay::Server;

sub new {
    my ($class, $dir, %o) = @_;
    my $self = bless { path => $dir->dir($o{name} // 'sink'),
                       port => $o{port} // ports(1) }, $class;
    my $extensions = $o{extensions} // [qw(8BITMIME SMTPUTF8 CHUNKING)];
    my $count = 0;
    $self->{server} = Assay::Server->start(
        listen => $self->{port},
        open   => sub { $_[0]{out} .= "220 sink.example ESMTP\r\n" },
        input  => sub {
            my ($c) = @_;
            1 while take($self->{path}, \$count, $extensions, $c);
        });
    return $self;
}

sub port { return $_[0]{port} }

sub keep {
    my ($path, $count, $c, $data) = @_;
    my $base = sprintf '%s/%06d', $path, ++$$count;
    spew("$base.env", join "\n", @{ $c->{envelope} }, '');
    spew("$base.tmp", $data);
    rename "$base.tmp", "$base.eml";
    $c->{data} = '';
    return;
}

# Takes one command, or the message after DATA or BDAT, off the input. False
# when it has not all come yet.
sub take {
    my ($path, $count, $extensions, $c) = @_;
    if ($c->{in_data}) {
        # A "\r\n" stands before the first line, so that an empty message
        # ends like any other. What was searched once is not searched again.
        my $end = index $c->{in}, "\r\n.\r\n", $c->{searched};
        if ($end < 0) {
            $c->{searched} = length($c->{in}) < 4 ? 0 : length($c->{in}) - 4;
            return 0;
        }
        my $data = substr $c->{in}, 2, $end;
        substr $c->{in}, 0, $end + 5, '';
        $data =~ s/(\A|\r\n)\./$1/g;
        $c->{in_data} = 0;
        keep($path, $count, $c, $data);
        $c->{out} .= "250 2.0.0 ok\r\n";
        return 1;
    }
    if ($c->{chunk}) {
        my ($size, $last) = @{ $c->{chunk} };
        return 0 if length $c->{in} < $size;
        $c->{data} .= substr $c->{in}, 0, $size, '';
        $c->{chunk} = undef;
        keep($path, $count, $c, $c->{data}) if $last;
        $c->{out} .= "250 2.0.0 ok\r\n";
        return 1;
    }
    return 0 unless $c->{in} =~ s/^([^\n]*?)\r?\n//;
    command($c, $1, $extensions);
    return 1;
}

sub command {
    my ($c, $line, $extensions) = @_;
    if ($line =~ /^EHLO/i) {
        my @lines = ('sink.example', 'PIPELINING', @$extensions);
        my $last = pop @lines;
        $c->{out} .= join '', map({ "250-$_\r\n" } @lines), "250 $last\r\n";
    } elsif ($line =~ /^MAIL/i) {
        $c->{envelope} = [$line];
        $c->{out} .= "250 2.1.0 ok\r\n";
    } elsif ($line =~ /^RCPT/i) {
        push @{ $c->{envelope} }, $line;
        $c->{out} .= "250 2.1.5 ok\r\n";
    } elsif ($line =~ /^DATA/i) {
        $c->{in_data} = 1;
        $c->{searched} = 0;
        $c->{in} = "\r\n$c->{in}";
        $c->{out} .= "354 go\r\n";
    } elsif ($line =~ /^BDAT +(\d+)( +LAST)?/i) {
        $c->{chunk} = [$1, defined $2];
    } elsif ($line =~ /^QUIT/i) {
        $c->{out} .= "221 bye\r\n";
        $c->{close} = 1;
    } else {
        $c->{out} .= "250 ok\r\n";
    }
    return;
}

# All messages so far, in the order of their arrival.
sub messages {
    my ($self) = @_;
    return map { (my $env = $_) =~ s/eml$/env/;
        { data => slurp($_), envelope => [split /\n/, slurp($env)] } } glob "$self->{path}/*.eml";
}

# The messages once there are n of them; none after so many seconds.
sub wait_messages {
    my ($self, $n, $seconds) = @_;
    wait_for(sub { my @all = glob "$self->{path}/*.eml"; @all >= $n }, $seconds) or return;
    return $self->messages;
}

1;
