#!/usr/bin/perl
# Name servers asked by address as keys are looked for: one that answers by TCP
# alone, and servers that lie, cut, stutter, are late or never end. What none of
# them says properly counts as no answer: it neither shows nor denies a key.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Assay::Daemon;
use Assay::Dir qw(slurp spawn stop wait_for);
use Assay::DNS;
use Assay::Fetched qw(need);
use Assay::Knot;

need(qw(knotd));
plan skip_all => 'name servers listen on port 53: root' if $> != 0;
my $program = ($ENV{top_builddir} // '.') . '/assay';
my $dir = Assay::Dir->new;
my ($x, $y) = (1 + int rand 250, 1 + int rand 250);

# --- answers --------------------------------------------------------------------
my $aa = 0x8400;

sub message {
    my ($query, $flags, @records) = @_;
    my ($name, $at) = Assay::DNS::read_name($query, 12);
    return substr($query, 0, 2) . pack('n5', $flags, 1, scalar @records, 0, 0)
        . substr($query, 12, $at + 4 - 12) . join '', @records;
}

sub txt {
    my ($text, $owner) = @_;
    my $rdata = pack '(C/a)*', unpack '(a255)*', $text;
    return ($owner // "\xc0\x0c") . pack('nnNn/a', 16, 1, 5, $rdata);
}

my $cut = sub { [message($_[0], $aa | 0x200)] };
my $whole = sub { message($_[0], $aa, txt($_[1])) };

# UDP: octets to send; TCP: octets to send before the end, undef: no end.
my %server = (
    control => { want => 'seen', udp => sub { [$whole->(@_)] } },
    tcp => { want => 'seen', udp => $cut, tcp => sub { pack 'n/a', $whole->(@_) } },
    # In the largest of messages, the octets of its length one by one.
    large => { want => 'seen', udp => $cut, slow => 1, tcp => sub {
        my $m = $whole->(@_);
        substr $m, 10, 2, pack 'n', 1;
        return pack 'n/a', $m . "\0" . pack 'nnNn/a', 99, 1, 5, 'x' x (65535 - 11 - length $m);
    } },
    'wrong-id' => { udp => sub { [pack('n', 1 ^ unpack 'n', $_[0]) . substr $whole->(@_), 2] } },
    'wrong-question' => { udp => sub { [$whole->(@_) =~ s/_domainkey/_domainkez/r] } },
    loop => { udp => sub { [message($_[0], $aa, txt($_[1], pack 'n', 0xc000 | length message($_[0], $aa)))] } },
    random => { udp => sub { [substr($_[0], 0, 2) . pack('n', $aa) . join '', map { chr int rand 256 } 1 .. 500] } },
    empty => { udp => sub { [''] } },
    late => { udp => sub { [] } },    # of the first address, after the time for a try
    elsewhere => { udp => sub { [] } },
    garbage => { want => 'seen', udp => sub { ['x' x 11, message($_[0], 0), $whole->(@_)] } },
    'cut-twice' => { udp => $cut, tcp => sub { pack 'n/a', message($_[0], $aa | 0x200) } },
    'half' => { udp => $cut, tcp => sub { my $m = pack 'n/a', $whole->(@_); substr $m, 0, -5 } },
    'no-length' => { udp => $cut, tcp => sub { "\0\0" } },
    'no-end' => { udp => $cut, tcp => sub { undef } },
    'no-authority' => { udp => sub { [message($_[0], 0x8003)] } },
);
my @names = sort keys %server;
$server{$names[$_]}{address} = "127.$x.$y." . ($_ + 10) for 0 .. $#names;

sub value { my ($domain) = @_; return slurp($dir->path("$domain.txt")) }

sub serve {
    my (%udp, %tcp, @kept);
    for my $name (@names) {
        my @at = (LocalAddr => $server{$name}{address}, LocalPort => 53);
        my $u = IO::Socket::INET->new(@at, Proto => 'udp') or die "$name: $!";
        my $t = IO::Socket::INET->new(@at, Listen => 9, ReuseAddr => 1) or die "$name: $!";
        $udp{$u} = $tcp{$t} = $name;
        push @kept, $u, $t;
    }
    my $select = IO::Select->new(@kept);
    my $elsewhere = IO::Socket::INET->new(LocalAddr => "127.$x.$y.9", Proto => 'udp');
    for (;;) {
        for my $s ($select->can_read) {
            my $name = $udp{$s} // $tcp{$s};
            my $text = value("$name.example");
            if ($udp{$s}) {
                my $peer = $s->recv(my $query, 600) // next;
                $s->send($_, 0, $peer) for @{ $server{$name}{udp}->($query, $text) };
                $elsewhere->send($whole->($query, $text), 0, $peer) if $name eq 'elsewhere';
                if ($name eq 'late') {
                    sleep 2;
                    $s->send($whole->($query, $text), 0, $peer);
                }
                next;
            }
            my $c = $s->accept or next;
            $c->sysread(my $query, 600);
            my $said = $server{$name}{tcp} ? $server{$name}{tcp}->(substr($query, 2), $text) : '';
            if (!defined $said) {
                push @kept, $c;
                next;
            }
            if ($server{$name}{slow}) {
                $c->autoflush(1);
                print {$c} substr $said, 0, 1, '' for 1 .. 3;
            }
            print {$c} $said;
        }
    }
}

# --- the world ---------------------------------------------------------------------
my $knot_at = "127.$x.$y.1";
my $knot = Assay::Knot->new($dir, relay => 0, listen => ["$knot_at\@53"], tcp_only => ['only-tcp.example'],
    raw => { map { ("$_.example" => "\$TTL 5\n\@ SOA ns h 1 3600 600 86400 1\n\@ NS ns\nns A "
        . ($server{$_}{address} // $knot_at) . "\n") } @names, 'only-tcp' });
my $pid = spawn(log => $dir->path('hostile'), code => \&serve);
wait_for(sub { IO::Socket::INET->new(PeerAddr => $server{$names[-1]}{address}, PeerPort => 53) }, 10);
my $keys = $dir->path('keys');
my %options = (authserv_id => 'mx.test.example', user => '', log => 'stderr', key_dir => $keys,
    nameservers => ["127.0.0.1\@" . $knot->port], key_types => ['rsa2048'], key_check_interval => 1);
my $assayd = Assay::Daemon->new($dir, socket => 'inet', options => { %options, key_dir => $dir->dir('none') });
$assayd->stop_daemon;
$assayd->configure(%options);

sub json {
    my (@arguments) = @_;
    open my $out, '-|', "$program keys @arguments --json -c $assayd->{path}/assay.conf 2>/dev/null" or die "$!";
    local $/ = undef;
    return decode_json(scalar <$out>);
}

# The records that these servers show or hide.
my %text;
for my $name (@names, 'only-tcp') {
    $dir->write("$name.example.txt", '');
    my ($r) = @{ json('new', "$name.example", 'k')->{records} };
    $text{$name} = $r->{value};
    unlink glob "$keys/$name.example/ke.*";
    $dir->write("$name.example.txt", $r->{value});
}
$knot->set('only-tcp.example', 'kr._domainkey', 'TXT', Assay::Knot::txt($text{'only-tcp'}));
for my $name (@names, 'only-tcp') {
    json('import', "$name.example");
    my ($key) = @{ json('check', "$name.example")->{keys} };
    is $key->{dns}, $server{$name}{want} // ($name eq 'only-tcp' ? 'seen' : 'DNS did not answer'), $name;
}

# Round after round, with no descriptor more; those that take long left out.
for my $name (@names) {
    next if $name =~ /^(?:tcp|large|half|no-length|cut-twice|garbage)$/;
    unlink glob "$keys/$name.example/*";
    rmdir "$keys/$name.example";
}
$assayd->start;
my $daemon = $assayd->{pid};
my $least = sub {
    my $n = 1e9;
    for (1 .. 50) {
        my @fds = glob "/proc/$daemon/fd/*";
        $n = @fds if @fds && @fds < $n;
        select undef, undef, undef, 0.1;
    }
    return $n;
};
wait_for(sub { $assayd->log =~ /d=tcp\.example .*step=active/ }, 20);
my $before = $least->();
my $after = $least->();
ok $before < 1e9 && $after <= $before, "descriptors: $before, then $after" or diag $assayd->log;
is $assayd->stop_daemon, 0, 'assayd ends well' or diag $assayd->log;
stop($pid);
done_testing;
