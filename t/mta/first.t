#!/usr/bin/perl
# The README as a newcomer follows it: the lines of "Install" that make the
# user and the directories, then the three commands to the first signed
# message, word for word, on a machine where nothing is set up: files and
# network are our own (unshare). A name server and Postfix are real; dkimpy
# says what the first message is worth.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Cwd 'abs_path';
use Assay::Dir qw(slurp spawn stop wait_for);
use Assay::Fetched qw(need);
use Assay::Knot;
use Assay::Message;
use Assay::Postfix;
use Assay::Sink;
use Assay::SMTP;
use Assay::Verifiers;
use Assay::World qw(mail_text);

need(qw(postfix knotd));
plan skip_all => $_ for grep { defined } Assay::Verifiers::missing();
if (!$ENV{ASSAY_FIRST_INSIDE}) {
    plan skip_all => 'namespaces of our own: root, and a kernel that lets us'
        if system('unshare -nm ip link set lo up 2>/dev/null') != 0;
    $ENV{ASSAY_FIRST_INSIDE} = 1;
    exec 'unshare', '-nm', $^X, abs_path($0) or die "unshare: $!\n";
}

my $top = $ENV{top_srcdir} // '.';
my $dir = Assay::Dir->new;
chmod 0755, $dir->path;

# --- a machine where nothing is set up ------------------------------------------
sub root {
    my ($command) = @_;
    my $said = `$command 2>&1`;
    die "$command: $said" if $?;
    return;
}

my $etc = $dir->path('etc');
root('ip link set lo up');
root("cp -a /etc $etc && mount --bind $etc /etc && mount -t tmpfs none /var/lib");
root('userdel assay') if getpwnam 'assay';
$dir->write('etc/resolv.conf', "nameserver 127.0.0.1\n");
# What make install leaves.
root("install -D -m 0644 $top/conf/assay.conf /etc/assay/assay.conf");
$ENV{PATH} = abs_path($ENV{top_builddir} // '.') . ":$ENV{PATH}:/usr/sbin:/sbin";

my $dns = Assay::Knot->new($dir, relay => 0, listen => ['127.0.0.1@53'],
    zones => { 'com' => '', 'example.com' => '' });
my $sink = Assay::Sink->new($dir);

# --- what the README says -----------------------------------------------------------
my $readme = slurp("$top/README");
my ($install) = $readme =~ /^Install\n(.*?)To the first signed message:/ms;
my @prepare = $install =~ /^    ((?:useradd|install -d) .*)$/mg;
is scalar @prepare, 2, 'the README makes a user and directories';
my ($three) = $readme =~ /To the first signed message:\n\n((?:    .*\n)+)/;
my @commands = map { s/^ +//r } split /\n/, $three // '';
is scalar @commands, 3, 'and has three commands' or BAIL_OUT('no commands in README');
my ($milter) = $readme =~ /^    (smtpd_milters = .*)$/m;
my $mta = Assay::Postfix->new($dir, sink => $sink->port, main => "$milter\nmilter_default_action = tempfail\n");

# A command up to its remark, as a shell takes it.
sub typed {
    my ($line) = @_;
    my ($command) = $line =~ /^(.*?)(?: {2,}\(.*)?$/;
    my $out = $dir->path('said');
    unlink $out;
    my $pid = spawn(command => ['/bin/sh', '-c', $command], log => $out);
    my $status = stop($pid, 0, 120);
    note "\$ $command\n", slurp($out);
    return (slurp($out), defined $status ? $status >> 8 : -1);
}

sub signatures {
    my ($n) = @_;
    my $c = Assay::SMTP->new($mta->port);
    my $reply = $c->deliver(from => 'a@example.com', to => 'x@far.example', data => mail_text(from => 'a@example.com'));
    $c->quit;
    return () if $reply !~ /^250/;
    my @all = $sink->wait_messages($n, 15);
    return ($all[-1]{data}, Assay::Message->new($all[-1]{data})->values('DKIM-Signature'));
}

for my $line (@prepare) {
    my ($said, $status) = typed($line);
    is $status, 0, $line =~ s/ .*//r or diag $said;
}

# 1: and the person publishes what it prints.
my ($said, $status) = typed($commands[0]);
is $status, 0, $commands[0] or diag $said;
my %record;
while ($said =~ /^(\S+)\.example\.com\. \d+ IN TXT \( (.*) \)$/mg) {
    my ($name, $strings) = ($1, $2);
    $record{"$name.example.com"} = join '', $strings =~ /"([^"]*)"/g;
    $dns->set('example.com', $name, 'TXT', $strings);
}
is scalar keys %record, 2, 'it prints two records to publish' or diag $said;

# 2
($said, $status) = typed($commands[1]);
is $status, 0, $commands[1] or diag $said;

# 3: where there is no systemd, what the remark says.
like $commands[2], qr/^systemctl enable --now assayd +\(or assayd;/, $commands[2];
($said, $status) = typed('assayd');
is $status, 0, 'assayd' or diag $said;
my ($message, @signatures);
my $n = 0;
wait_for(sub { ($message, @signatures) = signatures(++$n); @signatures == 2 }, 30);
is scalar @signatures, 2, "the first signed message (the one of $n)";
my $verified = Assay::Verifiers->new($dir, \%record)->dkimpy($dir->write('message.eml', $message // ''));
is scalar(() = $verified =~ /\bpass\b/g), 2, 'dkimpy verifies both signatures' or diag $verified;

my ($pid) = grep { slurp("/proc/$_/comm") eq "assayd\n" && readlink("/proc/$_/ns/net") eq readlink('/proc/self/ns/net') }
    map { m{(\d+)$} } glob '/proc/[0-9]*';
is kill('TERM', $pid // ()), 1, 'assayd runs until it is told to end';
ok wait_for(sub { !-e "/proc/$pid" || slurp("/proc/$pid/stat") =~ /\) Z/ }, 20), 'and ends';
done_testing;
