package Assay::Knot;

# A real authoritative name server (Knot DNS) with zones from the test's text.
#
#   my $dns = Assay::Knot->new($dir,
#       zones    => { 'sender.example' => <<'EOT', ... },
#   @                 TXT  "v=spf1 ip4:192.0.2.0/24 -all"
#   sel._domainkey    TXT  "v=DKIM1; p=..."
#   EOT
#       servfail => ['broken.example'],     # SERVFAIL for every query
#       tcp_only => ['sender.example'],     # UDP answers are truncated
#       silent   => ['slow.example'],       # queries below it get no answer
#   );
#   $dns->set('sender.example', 'sel._domainkey', 'TXT', '"v=DKIM1; p="');
#   nameservers = $dns->port; @names = $dns->asked;
#
# For more than one server: raw => { zone => its whole text } in place of zones
# (undef: it comes by transfer), listen => ["127.1.2.3@53"] besides the port,
# extra => text of knot.conf, zone_lines => { zone => [lines] }.
#
# SOA and NS are added to each zone. Queries pass a small relay that can keep
# silent and remembers what was asked; relay => 0 leaves it out.
use strict;
use warnings;
use Carp;
use Exporter 'import';
use IO::Socket::INET;
use Assay::DNS;
use Assay::Dir qw(ports spawn stop wait_for slurp spew);
use Assay::Fetched qw(program library_path);
use Assay::Server;

our @EXPORT_OK = qw(txt);

# A text as character strings of at most 255 octets, quoted for a zone.
sub txt {
    my ($text) = @_;
    return join ' ', map { '"' . s/(["\\])/\\$1/gr . '"' } $text eq '' ? '' : unpack '(a255)*', $text;
}

sub new {
    my ($class, $dir, %o) = @_;
    my $name = $o{name} // 'knot';
    my $base = $o{port} // ports(2);
    my $relay = $o{relay} // 1;
    my $self = bless {
        path => $dir->dir($name), server_port => $base + ($relay ? 1 : 0), port => $base,
        zones => { %{ $o{zones} // {} }, %{ $o{raw} // {} } }, raw => $o{raw} // {},
    }, $class;
    $dir->dir("$name/$_") for qw(zones db run);
    for my $zone (keys %{ $self->{zones} }) {
        my $text = $self->{zones}{$zone};
        next if exists $self->{raw}{$zone} && !defined $text;
        spew("$self->{path}/zones/$zone.zone", exists $self->{raw}{$zone} ? $text : zone_text($zone, $text));
    }
    spew("$self->{path}/knot.conf", $self->configuration(%o));
    $self->{pid} = spawn(
        command => [program('knotd'), '-c', "$self->{path}/knot.conf"],
        env => { LD_LIBRARY_PATH => library_path() }, log => "$self->{path}/out");
    for my $zone (sort keys %{ $self->{zones} }) {
        wait_for(sub {
            my $a = Assay::DNS::ask($self->{server_port}, $zone, 'SOA', seconds => 0.2, tcp => 1);
            @{ $a->{data} // [] };
        }, 10) or croak "knotd does not serve $zone: " . slurp("$self->{path}/out")
            . slurp("$self->{path}/log");
    }
    $self->silence(@{ $o{silent} // [] });
    $self->start_relay if $relay;
    return $self;
}

sub port { return $_[0]{port} }

sub zone_text {
    my ($origin, $text) = @_;
    return <<"EOT" . ($text // '') . "\n";
\$ORIGIN $origin.
\$TTL 5
@ SOA ns.$origin. hostmaster.$origin. 1 3600 600 86400 5
@ NS ns.$origin.
ns.$origin. A 127.0.0.1
EOT
}

sub configuration {
    my ($self, %o) = @_;
    my %tcp_only = map { $_ => 1 } @{ $o{tcp_only} // [] };
    my $listen = join ', ', "127.0.0.1\@$self->{server_port}", @{ $o{listen} // [] };
    my $extra = $o{extra} // '';
    my $text = <<"EOT";
server:
    rundir: "$self->{path}/run"
    listen: [ $listen ]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 1232
log:
  - target: "$self->{path}/log"
    any: info
database:
    storage: "$self->{path}/db"
${extra}template:
  - id: default
    storage: "$self->{path}/zones"
    journal-content: all
    zonefile-sync: -1
mod-noudp:
  - id: tcponly
    udp-truncate-rate: 1
zone:
EOT
    for my $zone (sort keys %{ $self->{zones} }) {
        $text .= "  - domain: $zone.\n    file: $zone.zone\n";
        $text .= "    module: mod-noudp/tcponly\n" if $tcp_only{$zone};
        $text .= "    $_\n" for @{ $o{zone_lines}{$zone} // [] };
    }
    # Without its file a zone answers SERVFAIL.
    $text .= "  - domain: $_.\n    file: no-such-file\n" for @{ $o{servfail} // [] };
    return $text;
}

sub control {
    my ($self, @command) = @_;
    local $ENV{LD_LIBRARY_PATH} = library_path();
    open my $out, '-|', program('knotc'), '-s', "$self->{path}/run/knot.sock", @command
        or croak "knotc: $!";
    my @lines = <$out>;
    close $out or croak "knotc @command: @lines";
    return @lines;
}

sub change {
    my ($self, $zone, @commands) = @_;
    $self->control('zone-begin', $zone);
    # What was not there can't be taken away, which is no fault here.
    eval { $self->control(@$_); 1 } || $_->[0] eq 'zone-unset' || die $@ for @commands;
    $self->control('zone-commit', $zone);
    return;
}

# Replaces the records of this owner ("@", "sel._domainkey") and type.
sub set {
    my ($self, $zone, $owner, $type, @data) = @_;
    $self->change($zone, ['zone-unset', $zone, $owner, $type],
        map { ['zone-set', $zone, $owner, '5', $type, $_] } @data);
    return;
}

sub unset {
    my ($self, $zone, $owner, $type) = @_;
    return $self->change($zone, ['zone-unset', $zone, $owner, $type]);
}

# From now on queries at and below these names get no answer.
sub silence {
    my ($self, @names) = @_;
    spew("$self->{path}/silent", join "\n", @names, '');
    return;
}

# Stopped is a server whose every thread is.
sub pause {
    my ($self) = @_;
    kill 'STOP', $self->{pid};
    wait_for(sub { !grep { slurp($_) !~ /\) T / } glob "/proc/$self->{pid}/task/*/stat" }, 5);
    return;
}

sub resume {
    my ($self) = @_;
    kill 'CONT', $self->{pid};
    return;
}

sub stop_server {
    my ($self) = @_;
    $_->stop_server for grep { $_ } delete $self->{relay};
    kill 'CONT', $self->{pid};
    return stop($self->{pid});
}

# "name TYPE udp|tcp" of each query the relay saw.
sub asked {
    my ($self) = @_;
    return split /\n/, slurp("$self->{path}/asked");
}

sub forget {
    my ($self) = @_;
    truncate "$self->{path}/asked", 0;
    return;
}

# Takes note of a query; false when it is to go unanswered.
sub admit {
    my ($self, $query, $proto) = @_;
    my ($name, $type) = Assay::DNS::question($query) or return 0;
    open my $fh, '>>', "$self->{path}/asked" or die "asked: $!";
    print {$fh} "$name $type $proto\n";
    close $fh;
    for my $zone (split /\n/, slurp("$self->{path}/silent")) {
        return 0 if $name eq $zone || $name =~ /\.\Q$zone\E\z/;
    }
    return 1;
}

# UDP: each query goes on under a number of our own, which leads its answer
# back. TCP: one query at a time, over a connection of its own.
sub start_relay {
    my ($self) = @_;
    my $udp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $self->{port},
        Proto => 'udp') or croak "port $self->{port}: $!";
    my $up = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{server_port},
        Proto => 'udp') or croak "udp: $!";
    my ($number, %client) = (0);
    my $from_client = sub {
        my $peer = recv $udp, my $query, 65535, 0;
        return unless defined $peer && $self->admit($query, 'udp');
        $number = ($number + 1) & 0xffff;
        $client{$number} = [$peer, substr $query, 0, 2];
        syswrite $up, pack('n', $number) . substr $query, 2;
    };
    my $from_server = sub {
        sysread $up, my $answer, 65535 or return;
        my $to = delete $client{ unpack 'n', $answer } or return;
        send $udp, $to->[1] . substr($answer, 2), 0, $to->[0];
    };
    $self->{relay} = Assay::Server->start(
        listen => $self->{port}, log => "$self->{path}/relay",
        extra  => [[$udp, $from_client], [$up, $from_server]],
        input  => sub {
            my ($c) = @_;
            while (length $c->{in} >= 2 && length $c->{in} >= 2 + unpack 'n', $c->{in}) {
                my $query = substr $c->{in}, 2, unpack('n', $c->{in});
                substr $c->{in}, 0, 2 + length $query, '';
                next unless $self->admit($query, 'tcp');
                my $answer = Assay::DNS::exchange($self->{server_port}, $query, 'tcp', 2);
                $c->{out} .= pack 'n/a*', $answer if defined $answer;
            }
        });
    return;
}

# A port where a name server seems to be: UDP is bound and silent, TCP accepts
# and says nothing.
sub blackhole {
    my ($class) = @_;
    my $port = ports(1);
    my $udp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
        Proto => 'udp') or croak "port $port: $!";
    Assay::Server->start(listen => $port, input => sub { $_[0]{in} = '' },
        extra => [[$udp, sub { recv $udp, my $query, 65535, 0 }]]);
    return $port;
}

1;
