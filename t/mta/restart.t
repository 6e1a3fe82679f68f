#!/usr/bin/perl
# Reloads and restarts under load, behind a real Postfix: every message a
# client was told is accepted arrives, once; every one is judged as it should
# be; what could not be served is put off, and a second try serves it.
#
# 12 connections, 10 reloads, 2 restarts; SCALE=10: 64, 100 and 10.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Time::HiRes qw(sleep time);
use Assay::Dir qw(spawn stop slurp spew wait_for);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::SMTP;
use Assay::World qw(authres results mail_text);

need(qw(postfix knotd));
my $full = ($ENV{SCALE} // 1) >= 10;
my ($clients, $reloads, $restarts) = $full ? (64, 100, 10) : (12, 10, 2);
my $PER_SESSION = 5;
my $world = Assay::World->new;
my $dir = $world->dir;
my %options = (internal_networks => ['10.0.0.0/8'], enforce => 'reject', always_reject => ['x.com'],
    drain_limit => 3, SOCKET => 'unix', socket_mode => '0666');
my $assayd = $world->assayd(%options);
my $mta = Assay::Postfix->new($dir, milters => [$assayd->postfix_socket]);

# --- clients --------------------------------------------------------------------

# Who sends, and what must become of it.
my %kind = (
    good   => { from => 'a@shop.example', author => 'a@shop.example', xclient => { ADDR => '192.0.2.7' }, want => qr/^250/ },
    forged => { from => 'a@evil.com', author => 'ceo@x.com', xclient => { ADDR => '198.51.100.66' }, want => qr/^550 5\.7\.1 / },
    ours   => { from => 'a@shop.example', author => 'a@shop.example', xclient => { ADDR => '10.0.0.1' }, want => qr/^250/ },
);
my @kinds = sort keys %kind;
# What a client may hear while there is no assayd, or none that takes mail.
my $later = qr/^(?:451 4\.7\.1 |421 4\.3\.2 |\z)/;

# Sends until told to stop; each message until it has a final answer. A line
# a message: id, kind, tries, how often it was put off by assayd, last reply.
sub client {
    my ($n, $out) = @_;
    my ($smtp, $left, $i) = (undef, 0, 0);
    my $name = $kinds[ $n % @kinds ];
    my $k = $kind{$name};
    open my $fh, '>', $out or die "$out: $!";
    $fh->autoflush;
    until (-e $dir->path('stop')) {
        my $id = "$name-$n-" . $i++;
        my ($tries, $put_off, $reply) = (0, 0, '');
        my $data = mail_text(from => $k->{author}, subject => $id, id => $id);
        my $end = time + 120;
        do {
            $smtp = eval { Assay::SMTP->new($mta->port, xclient => $k->{xclient}) } unless $smtp && $left-- > 0;
            $left = $PER_SESSION unless $tries++ == 0 && $left > 0;
            $reply = $smtp ? $smtp->deliver(from => $k->{from}, to => 'bob@test.example', data => $data) : '';
            $put_off++ if $reply =~ /^421/;
            if ($reply =~ $later) {
                $smtp->close if $smtp;
                $smtp = undef;
                sleep 0.1;
            }
        } while ($reply =~ $later && time < $end);
        print {$fh} join("\t", $id, $name, $tries, $put_off, $reply =~ s/\s+/ /gr), "\n";
    }
    return;
}

my @pids = map { my $n = $_; spawn(code => sub { client($n, $dir->path("client-$n")) }, log => $dir->path('clients.log')) }
    0 .. $clients - 1;

sub answered {
    my $n = 0;
    for my $file (glob $dir->path('client-') . '*') { $n += () = slurp($file) =~ /\n/g }
    return $n;
}

# Some mail goes by before the next thing happens.
sub traffic {
    my ($n) = @_;
    my $before = answered();
    return wait_for(sub { answered() >= $before + $n }, 60);
}

# --- what happens to assayd -------------------------------------------------------

my $file = "$assayd->{path}/assay.conf";
my $good = slurp($file);
my $rotten = 0;
my $begin = time;

# Whole or not at all: a reload that was asked for before may read it now.
sub configure {
    my ($text) = @_;
    spew("$file.new", $text);
    rename "$file.new", $file or die "$file: $!";
    return;
}

sub reload {
    my ($i) = @_;
    configure($good . 'deadline = ' . (7 + $i % 2) . "s\n");
    if ($i % 10 == 3) {    # a bad one
        configure($good . "deadline = never\n");
        my ($status, $out) = $assayd->control('reload');
        $rotten++ if $status == 1 && $out =~ /deadline: .*never/;
        return;
    }
    return kill 'HUP', $assayd->{pid} if $i % 3 == 0;
    return kill 'USR1', $assayd->{pid} if $i % 3 == 1;
    my ($status, $out) = $assayd->control('reload');
    is $status, 0, "reload $i" or diag $out;
    return;
}

ok traffic($clients), 'mail flows';
my $each = $reloads / $restarts;
my @times;
for my $round (1 .. $restarts) {
    for my $i (1 .. $each) {
        reload(($round - 1) * $each + $i);
        traffic($full ? 5 : 1);
    }
    configure($good);
    my $t = time;
    is $assayd->stop_daemon(60), 0, "restart $round: it ends" or diag $assayd->log;
    push @times, time - $t;
    $assayd->start;
    ok traffic($clients / 2), "restart $round: mail flows again";
}
spew($dir->path('stop'), '');
ok wait_for(sub { !grep { Assay::Dir::running($_) } @pids }, 150), 'the clients end';
my $seconds = time - $begin;

# --- what became of the mail ----------------------------------------------------------

my (%sent, %wrong, $retried, $put_off);
for my $out (glob $dir->path('client-') . '*') {
    for (split /\n/, slurp($out)) {
        my ($id, $name, $tries, $off, $reply) = split /\t/, $_, 5;
        $sent{$id} = $name;
        $retried++ if $tries > 1;
        $put_off += $off;
        $wrong{$id} = $reply unless $reply =~ $kind{$name}{want};
    }
}
cmp_ok scalar(keys %sent), '>=', 10 * $clients / 4, scalar(keys %sent) . ' messages';
is_deeply \%wrong, {}, 'none was answered wrongly' or diag map { my $id = $_; grep { /\Q$id\E/ } $assayd->log_lines } keys %wrong;
my @accepted = grep { $sent{$_} ne 'forged' } keys %sent;
my %arrived;
wait_for(sub {
    my $n = () = glob "$mta->{path}/mail/all/new/*";
    $n >= @accepted;
}, 60);
for my $octets ($mta->mail) {
    my $m = Assay::Message->new($octets);
    my ($id) = map { s/^\s+//r } $m->values('Subject');
    push @{ $arrived{$id} }, $m;
}
is_deeply [grep { !$arrived{$_} } @accepted], [], 'none was lost';
is_deeply [grep { @{ $arrived{$_} } > 1 } keys %arrived], [], 'none came twice';
is_deeply [grep { ($sent{$_} // 'forged') eq 'forged' } keys %arrived], [], 'no forgery came through';
my @unsigned = grep { $sent{$_} eq 'ours' && $arrived{$_} && $arrived{$_}[0]->count('DKIM-Signature') != 2 } keys %sent;
is_deeply \@unsigned, [], 'what is ours was signed, by both keys';
my @odd = grep {
    my %r = $sent{$_} eq 'good' && $arrived{$_} ? results($arrived{$_}[0]) : ();
    %r && (($r{spf}[0] // '') !~ /^pass/ || ($r{dmarc}[0] // '') !~ /^pass/);
} keys %sent;
is_deeply \@odd, [], 'the others were judged';
my $log = $assayd->log;
is scalar(() = $log =~ /stop messages_cut=0 /g), $restarts, 'the end of assayd cut no message';
unlike $log, qr{messages_cut=[1-9]| internal_error }, 'nor did it fail one';
is $rotten, scalar(grep { $_ % 10 == 3 } 1 .. $reloads), 'who asked for a bad configuration was told';
cmp_ok scalar(() = $log =~ /\breloaded config=/g), '>=', 1, 'reloads took place';
my ($status, $out) = $assayd->control('status', '--json');
is $status, 0, 'it serves' or diag $out;
is $assayd->stop_daemon(60), 0, 'and ends well' or diag $log;
note sprintf '%d messages in %.1f s, %d reloads (%d told), %d restarts of %.1f s on average; %d tried again, %d of them put off',
    scalar(keys %sent), $seconds, $reloads, scalar(() = $log =~ /\breloaded config=/g), $restarts,
    eval { my $s = 0; $s += $_ for @times; $s / @times }, $retried // 0, $put_off // 0;
done_testing;
